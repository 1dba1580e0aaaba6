// The last minutes of a session: it is said, politely and once; one press stays, and nothing on the page changes by it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Desk, closeBrowser } from './desk.mjs';
import { raise } from './stage.mjs';

let stage, it;
before(async () => {
  stage = await raise();
  it = await stage.concern({ child: stage.child(), rating: 'green' });
});
after(async () => {
  await closeBrowser();
  await stage.end();
});

// The page's own time is made to pass; the board's does not, and so the board says what it would say.
test('five minutes before the end somebody may stay, and what they typed stays as it is', async () => {
  const desk = await Desk.at(stage);
  await desk.page.clock.install();
  await desk.signIn('hc-1');
  await desk.open(`/act/${it.alert}/note?version=${it.version}`);
  await desk.type('Note', 'The school rang back.');
  const cookies = await desk.context.cookies();
  await desk.page.clock.fastForward('24:00');
  assert.equal(await desk.button('Stay signed in').count(), 0);
  await desk.page.clock.fastForward('02:00');
  await desk.button('Stay signed in').waitFor();
  assert.match(await desk.page.locator('#polite').innerText(), /Your session ends in 5 minutes/);
  assert.ok(await desk.page.getByLabel('Note').evaluate((input) => input === document.activeElement), 'the focus has not moved');
  await desk.look('session ends');

  await desk.button('Stay signed in').click();

  await desk.page.getByRole('region', { name: 'Your session' }).getByText('You stay signed in until').waitFor();
  assert.equal(await desk.page.getByLabel('Note').inputValue(), 'The school rang back.');
  assert.notDeepEqual(await desk.context.cookies(), cookies);
  await desk.press('Continue');
  await desk.reads('Check your answers', 'The school rang back.');
  desk.quiet();
  await desk.leave();
});

test('without script a link on every page leads to staying, in a window of its own', async () => {
  const desk = await Desk.at(stage, 'without script');
  await desk.signIn('hc-2');
  await desk.open(`/act/${it.alert}/note?version=${it.version}`);
  await desk.type('Note', 'The nurse rang back.');
  const [other] = await Promise.all([desk.context.waitForEvent('page'), desk.link('Stay signed in (opens in a new tab)').click()]);
  await other.getByRole('button', { name: 'Stay signed in' }).click();
  await other.getByText('keeps you signed in for another 30 minutes').waitFor();
  await desk.press('Continue'); // in the first window, whose form is from before
  await desk.reads('Check your answers', 'The nurse rang back.');
  desk.quiet();
  await desk.leave();
});
