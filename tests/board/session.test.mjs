// Staying signed in without script (with it: away.test.mjs).
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
