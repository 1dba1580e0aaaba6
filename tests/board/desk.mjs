// Somebody at a desk: a Chromium of their own that does what they do - by mouse or by keyboard alone, with script or without, on a wide screen or
// a narrow one - and looks at every page they come to.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { until } from './stage.mjs';

const tools = createRequire(join(process.env.MASHHUB_TOOLS, 'package.json'));
const { chromium } = tools('playwright-core');
const axe = readFileSync(tools.resolve('axe-core/axe.min.js'), 'utf8');
const PICTURES = process.env.MASHHUB_PICTURES;
mkdirSync(PICTURES, { recursive: true });

// judged: by the rules of WCAG; the other ways show the same pages at the same widths.
export const WAYS = {
  mouse: { viewport: { width: 1280, height: 900 }, judged: true },
  keyboard: { viewport: { width: 1280, height: 900 }, hand: 'keyboard' },
  'without script': { viewport: { width: 1280, height: 900 }, javaScriptEnabled: false },
  '320 px': { viewport: { width: 320, height: 640 }, hasTouch: true, judged: true },
  // 1280 by 1024 at four times the size: so much of the page is left.
  '400 % zoom': { viewport: { width: 320, height: 256 }, deviceScaleFactor: 4 },
};

const RULES = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa'],
  rules: { 'target-size': { enabled: true } }, // 2.5.8: not run by its tag alone
};
// Nothing in an address, a title or a history may be anybody's: items, lists, acts, numbers.
const ADDRESS = /^\/[\w.\/:-]*(\?[\w-]+=[\w:-]*(&[\w-]+=[\w:-]*)*)?(#[\w-]*)?$/;
const TITLE = /^(Error: )?[A-Z][A-Za-z' ]+( [ADRFN]\d+)? - Board$/;
const PERSONAL = /example|kim|coat|2018|999\s?\d|invented|E1000/i;

let browser = null;
export async function openBrowser() {
  browser ??= await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  return browser;
}
export async function closeBrowser() {
  await browser?.close();
  browser = null;
}

export class Desk {
  static async at(stage, way = 'mouse') {
    const { hand = 'mouse', judged = false, ...options } = WAYS[way];
    const context = await (await openBrowser()).newContext({ locale: 'en-GB', timezoneId: 'Europe/London', baseURL: stage.url, ...options });
    context.setDefaultTimeout(120000);
    const desk = new Desk();
    Object.assign(desk, { stage, way, hand, judged, context, hasScript: options.javaScriptEnabled !== false, troubles: [], typed: [] });
    desk.page = await desk.window();
    return desk;
  }

  // Whatever a page does that no page of the board does is remembered, and fails the test at the next look.
  async window() {
    const page = await this.context.newPage();
    page.on('dialog', (dialog) => { this.troubles.push(`a dialog: ${dialog.message()}`); dialog.dismiss(); });
    page.on('pageerror', (error) => this.troubles.push(`an error of the script: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error' && !/Failed to load resource|ERR_/.test(message.text())) this.troubles.push(`console: ${message.text()}`);
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(this.stage.url + '/')) this.troubles.push(`a request to ${request.url()}`);
    });
    page.on('framenavigated', (frame) => {
      if (!/^(about|chrome-error):/.test(frame.url())) this.lookAtAddress(frame.url().slice(this.stage.url.length));
    });
    return page;
  }

  lookAtAddress(address) {
    if (!ADDRESS.test(address) || PERSONAL.test(address)) this.troubles.push(`an address that may say something of somebody: ${address}`);
  }

  async leave() { await this.context.close(); }

  // ---- hands --------------------------------------------------------------------------------------------------------------------
  link(name, within = this.page) { return within.getByRole('link', { name, exact: typeof name === 'string' }); }
  button(name, within = this.page) { return within.getByRole('button', { name, exact: typeof name === 'string' }); }

  // By keyboard alone: Tab until it has the focus; that must be seen, and not hide below something else.
  async reach(what) {
    await what.waitFor();
    for (let steps = 0; steps < 400; steps++) {
      if (await what.evaluate((element) => element === document.activeElement)) return this.lookAtFocus(what);
      await this.page.keyboard.press('Tab');
    }
    throw new Error(`no way by Tab to ${what}`);
  }

  async lookAtFocus(what) {
    const seen = await what.evaluate((element) => {
      const box = element.getBoundingClientRect();
      const shows = (style) => (style.outlineStyle !== 'none' && style.outlineWidth !== '0px') || style.boxShadow !== 'none';
      const label = element.labels?.[0];
      const at = document.elementFromPoint(box.x + box.width / 2, box.y + Math.min(box.height / 2, 10));
      return {
        ring: shows(getComputedStyle(element)) || (label && shows(getComputedStyle(label, '::before'))),
        top: at === element || element.contains(at) || label?.contains(at) || at?.contains(element),
      };
    });
    assert.ok(seen.ring, `the focus on ${what} cannot be seen`);
    assert.ok(seen.top, `${what} has the focus below something else`);
  }

  // On a narrow screen the links to the board's pages are folded away.
  async unfold(what) {
    const menu = this.page.getByRole('link', { name: 'Menu', exact: true });
    if (await what.count() === 0 && await menu.isVisible()) await menu.click(); // what is folded has no role
  }

  async click(what) {
    await this.unfold(what);
    if (this.hand === 'keyboard') {
      await this.reach(what);
      await this.page.keyboard.press('Enter');
    } else if (this.way === '320 px') {
      await what.tap();
    } else {
      await what.click();
    }
  }

  // Every page is a document of its own: what is pressed has happened when the next one is there.
  async go(what) {
    const [answer] = await Promise.all([
      this.page.waitForResponse((r) => r.request().isNavigationRequest() && (r.status() < 300 || r.status() >= 400)),
      this.page.waitForEvent('load'),
      this.click(what),
    ]);
    this.status = answer.status();
  }

  follow(name, within) { return this.go(this.link(name, within)); }
  press(name, within) { return this.go(this.button(name, within)); }

  // Opens an address, as from a bookmark. What was told a moment ago may take a moment to come.
  async open(path) {
    await until(`${path} to be there`, async () => {
      this.status = (await this.page.goto(path, { waitUntil: 'load' })).status();
      return this.status === 200;
    });
  }

  // Likewise, until something stands on it that others did, or that the board is told after the answer to what this desk did: a page without script
  // does not renew itself.
  async opensTo(path, ...wanted) {
    const isThere = (what) => (typeof what === 'string' || what instanceof RegExp ? this.says(what) : what.count());
    await until(`${path} to have ${wanted.join(', ')}`, async () => {
      await this.open(path);
      for (const what of wanted) if (!await isThere(what)) return false;
      return true;
    });
  }

  async type(label, text) {
    const input = this.page.getByLabel(label, { exact: true });
    this.typed.push(text);
    if (this.hand === 'keyboard') {
      await this.reach(input);
      await this.page.keyboard.press('Control+A');
      await this.page.keyboard.insertText(text);
    } else if (text.length > 1000) { // pasted
      await input.evaluate((element, value) => { element.value = value; }, text);
    } else {
      await input.fill(text);
    }
  }

  async when(legend, day, time) {
    const group = this.page.getByRole('group', { name: legend });
    if (this.hand === 'keyboard') { // Debian's Chromium has no other language: the month comes first
      const [year, month, of] = day.split('-');
      await this.reach(group.getByLabel('Day'));
      await this.page.keyboard.type(month + of + year);
      await this.reach(group.getByLabel('Time'));
      await this.page.keyboard.type(time.replace(':', ''));
      assert.equal(await group.getByLabel('Day').inputValue(), day);
    } else {
      await group.getByLabel('Day').fill(day);
      await group.getByLabel('Time').fill(time);
    }
  }

  async choose(label) {
    const radio = this.page.getByRole('radio', { name: label, exact: typeof label === 'string' });
    if (this.hand !== 'keyboard') {
      await radio.check();
      return;
    }
    const name = await radio.getAttribute('name');
    const all = this.page.locator(`input[type=radio][name="${name}"]`);
    const checked = all.and(this.page.locator(':checked'));
    await this.reach(await checked.count() > 0 ? checked : all.first());
    await this.page.keyboard.press('Space');
    for (let steps = await all.count(); steps > 0 && !await radio.isChecked(); steps--) await this.page.keyboard.press('ArrowDown');
    assert.ok(await radio.isChecked(), `${label} cannot be chosen by keyboard`);
  }

  async tick(label) {
    const box = this.page.getByRole('checkbox', { name: label });
    if (this.hand === 'keyboard') {
      await this.reach(box);
      await this.page.keyboard.press('Space');
    } else {
      await box.check();
    }
  }

  // `option`: its value, or {label}.
  async pick(list, option) {
    if (this.hand !== 'keyboard') {
      await list.selectOption(option);
      return;
    }
    if (option.label) {
      await this.pick(list, await list.locator('option').filter({ hasText: option.label }).getAttribute('value'));
      return;
    }
    await this.reach(list);
    await this.page.keyboard.press('Home'); // it may stand behind what was chosen before
    const count = await list.locator('option').count();
    for (let steps = 0; steps < count && await list.inputValue() !== option; steps++) await this.page.keyboard.press('ArrowDown');
    assert.equal(await list.inputValue(), option);
  }

  // ---- eyes ---------------------------------------------------------------------------------------------------------------------
  main() { return this.page.locator('main'); }

  // Of an element that is on the page: one that a live update has just replaced has no lines and no columns any more.
  async text(what = this.main()) {
    for (;;) {
      const [isOnPage, text] = await what.evaluate((element) => [element.isConnected, element.innerText]).catch((problem) => {
        if (!/context was destroyed|because of a navigation/.test(problem.message)) throw problem;
        return [false, ''];
      });
      if (isOnPage) return text.replace(/[ \t]+/g, ' ');
    }
  }

  async says(wanted, text = null) {
    text ??= await this.text();
    return wanted instanceof RegExp ? wanted.test(text) : text.includes(wanted);
  }

  async reads(...texts) {
    const text = await this.text();
    for (const wanted of texts) assert.ok(await this.says(wanted, text), `${this.page.url()} does not say ${wanted}:\n${text.slice(0, 3000)}`);
  }

  async readsNot(...texts) {
    const text = await this.text(this.page.locator('body'));
    for (const unwanted of texts) {
      assert.ok(!(unwanted instanceof RegExp ? unwanted.test(text) : text.includes(unwanted)), `${this.page.url()} says ${unwanted}`);
    }
  }

  // A look at the page that is there: nothing strange happened; title and address say nothing of anybody; nothing runs over the edge; no rule of
  // WCAG 2.2 AA is broken. A picture of it goes to build/board.
  async look(name) {
    const title = await this.page.title();
    assert.ok(TITLE.test(title) && !PERSONAL.test(title) && !this.typed.some((t) => t.length > 2 && title.includes(t)), `title: ${title}`);
    const wide = await this.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(wide <= 0, `${name}, ${this.way}: ${wide} px run over the edge`);
    if (this.judged) await this.obeys(name);
    this.quiet();
    await this.picture(name);
  }

  quiet() { assert.deepEqual(this.troubles, []); }

  async obeys(name) {
    await this.page.evaluate(axe);
    const { violations } = await this.page.evaluate((rules) => window.axe.run(rules), RULES);
    const told = violations.map((v) => `${v.id}: ${v.help}\n    ${v.nodes.map((n) => n.html).slice(0, 5).join('\n    ')}`);
    assert.deepEqual(told, [], `${name}, ${this.way}, ${this.page.url()}`);
  }

  // Of a page that has no end, its beginning.
  async picture(name) {
    const way = { mouse: '', '320 px': '.320' }[this.way];
    if (way === undefined) return;
    const [width, height] = await this.page.evaluate(() => [document.documentElement.clientWidth, Math.min(document.documentElement.scrollHeight, 6000)]);
    await this.page.screenshot({ path: join(PICTURES, `${name.replaceAll(' ', '-')}${way}.png`), fullPage: true, clip: { x: 0, y: 0, width, height }, timeout: 120000 });
  }

  // ---- what everybody does --------------------------------------------------------------------------------------------------------
  async signIn(who, password = this.stage.password) {
    this.who = who;
    await this.page.goto('/sign-in');
    await this.type('Name', who);
    await this.type('Password', password);
    this.signedInAt = Date.now() / 1000;
    await this.press('Sign in');
  }
}
