// The pictures of README.md: a practitioner of the quickstart looks at what came in the night, and takes the first.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const { chromium } = createRequire(join(process.env.MASHHUB_TOOLS, 'package.json'))('playwright-core');
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });

async function signedIn(who, viewport) {
  const context = await browser.newContext({ baseURL: process.env.MASHHUB_BOARD, locale: 'en-GB', timezoneId: 'Europe/London', viewport });
  const page = await context.newPage();
  await page.goto('/sign-in');
  await page.getByLabel('Name').fill(who);
  await page.getByLabel('Password').fill('three random words');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { level: 1 }).waitFor();
  return page;
}

// The browser itself makes a small WebP of it: a picture of a page in PNG is four times as large.
const darkroom = await browser.newPage();
async function picture(page, name, height) {
  const full = await page.evaluate(() => document.documentElement.scrollHeight);
  const { width } = page.viewportSize();
  const png = await page.screenshot({ fullPage: true, clip: { x: 0, y: 0, width, height: Math.min(full, height) } });
  const webp = await darkroom.evaluate(async (data) => {
    const image = new Image();
    image.src = `data:image/png;base64,${data}`;
    await image.decode();
    const canvas = Object.assign(document.createElement('canvas'), { width: image.width, height: image.height });
    canvas.getContext('2d').drawImage(image, 0, 0);
    return canvas.toDataURL('image/webp', 0.85).split(',')[1];
  }, png.toString('base64'));
  writeFileSync(join(process.env.MASHHUB_PICTURES, `${name}.webp`), Buffer.from(webp, 'base64'));
}

const wide = { width: 1100, height: 900 };
const page = await signedIn('hc-1', wide);
await picture(page, 'list', 900);
await page.getByRole('link', { name: /^A\d+$/ }).first().click();
await page.getByRole('heading', { level: 1 }).waitFor();
await picture(page, 'alert', 1500);

const phone = await signedIn('hc-2', { width: 360, height: 740 });
await phone.goto('/queue/unclaimed');
await picture(phone, 'phone', 900);
await browser.close();
