// Live updates: said aloud and never in the way.
import assert from 'node:assert/strict';
import { play } from './play.mjs';
import { until } from './stage.mjs';

// A list with its stream open.
async function listen(desk, path = '/queue/unclaimed') {
  await Promise.all([desk.page.waitForResponse((r) => new URL(r.url()).pathname === '/live'), desk.open(path)]);
}

const said = (desk, id) => desk.page.locator(`#${id}`).textContent();
// How many of these it has said since they were begun to be counted: one change of the board may be told in two breaths.
const countsFrom = (desk) => desk.page.evaluate(() => {
  window.told = { polite: 0, assertive: 0 };
  for (const id of Object.keys(window.told)) {
    const place = document.getElementById(id);
    new MutationObserver(() => { window.told[id] += Number(/^(\d+) new/.exec(place.textContent)?.[1] ?? 0); }).observe(place, { childList: true });
  }
});
const hasTold = (desk, told) => desk.page.waitForFunction((wanted) => JSON.stringify(window.told) === JSON.stringify(wanted), told);
const hears = (desk, id, text) => desk.page.waitForFunction(([place, words]) => document.getElementById(place).textContent === words, [id, text]);
const rows = (desk) => desk.page.locator('tr[data-row]').evaluateAll((all) => all.map((row) => row.dataset.row));

// The very element, not one that looks like it.
async function hold(desk, what) {
  await what.evaluate((element) => { element.focus(); element.isHeld = true; });
}
const isHeld = (desk) => desk.page.evaluate(() => document.activeElement.isHeld === true);

play((story) => {
  story('a new alert is said politely and stands in the list, and the focus stays where it was', async (stage, at) => {
    const desk = await at('hc-1');
    await listen(desk);
    await hold(desk, desk.link(/^Held/));
    const { alert } = await stage.concern({ child: stage.child(), rating: 'green' });
    await hears(desk, 'polite', '1 new alert');
    await desk.link(alert).waitFor();
    assert.equal(await said(desk, 'assertive'), '');
    assert.ok(await isHeld(desk), 'the focus has moved');
    await desk.reads('Unclaimed (1)');
    await desk.link('Unclaimed (1)').waitFor();
    await desk.look('live');
  });

  story('a new Red alert is said at once, and beside it those that are not', async (stage, at) => {
    const desk = await at('hc-1');
    await listen(desk);
    await countsFrom(desk);
    await stage.do('flood', { begin: 500, count: 3, ratings: ['green', 'red', 'green'] });
    await hears(desk, 'assertive', '1 new Red alert');
    await hasTold(desk, { polite: 2, assertive: 1 });
  });

  story('a row with the focus stays when somebody else takes its alert, and says so', async (stage, at) => {
    const desk = await at('hc-1');
    const first = await stage.concern({ child: stage.child(), rating: 'green' });
    await desk.open(`/alert/${first.alert}`);
    await listen(desk);
    await hold(desk, desk.link(first.alert));
    await stage.act('hc-2', first.alert, { claim: {} });
    const row = desk.page.getByRole('row').filter({ has: desk.link(first.alert) });
    await row.getByText('no longer in this list').waitFor();
    const second = await stage.concern({ child: stage.child(), rating: 'green' });
    await desk.link(second.alert).waitFor();
    assert.ok(await isHeld(desk), 'the focus has moved');
    await desk.look('live gone');
    await hold(desk, desk.link(second.alert));
    await stage.concern({ child: stage.child(), rating: 'green' });
    await desk.link(first.alert).waitFor({ state: 'detached' });
    assert.ok(await isHeld(desk), 'the focus has moved');
  });

  story('paused updates stay away until somebody goes on with them', async (stage, at) => {
    const desk = await at('hc-1'), witness = await at('hc-2');
    await listen(desk);
    await listen(witness);
    await desk.button('Pause updates').click();
    const before = await rows(desk);
    const { alert } = await stage.concern({ child: stage.child(), rating: 'red' });
    await witness.link(alert).waitFor();
    assert.deepEqual(await rows(desk), before);
    assert.equal(await said(desk, 'assertive'), '');
    await desk.reads('Updates are paused: what stands here is as it was when you paused them.');
    await desk.look('live paused');
    await hold(desk, desk.button('Go on with updates'));
    await desk.page.keyboard.press('Enter');
    await desk.link(alert).waitFor();
    await hears(desk, 'assertive', '1 new Red alert'); // what came meanwhile is told then
    assert.ok(await isHeld(desk), 'the focus has moved');
    assert.doesNotMatch(await desk.text(), /Updates are paused/);
  });

  story('on a slow line no older answer comes to stand over a newer one, and what failed is asked for again', async (stage, at) => {
    const desk = await at('hc-1');
    await listen(desk);
    let under = 0, most = 0, count = 0;
    const release = [];
    await desk.page.route(/part=/, async (route) => {
      most = Math.max(most, ++under);
      count++;
      if (count === 2) { // the line drops this one
        under--;
        return route.abort();
      }
      const answer = await route.fetch();
      if (count === 1) await new Promise((go) => release.push(go)); // on its way for long
      under--;
      return route.fulfill({ response: answer });
    });
    await stage.concern({ child: stage.child(), rating: 'green' });
    await until('the first to be asked for', () => release.length === 1);
    const told = desk.page.evaluate(() => new Promise((heard) => { new MutationObserver(heard).observe(document.getElementById('polite'), { childList: true }); }));
    const { alert } = await stage.concern({ child: stage.child(), rating: 'green' });
    await told;
    release[0]();
    await desk.link(alert).waitFor();
    assert.equal(most, 1);
    await desk.main().getByText('Updates are interrupted').waitFor({ state: 'hidden' });
  });

  story('an alert that somebody is not cleared for is not announced to them', async (stage, at) => {
    const desk = await at('hc-1'), cleared = await at('hc-3');
    await listen(desk);
    await listen(cleared);
    const secret = await stage.concern({ child: stage.child(), rating: 'red', restricted: true });
    await cleared.link(secret.alert).waitFor();
    const { alert } = await stage.concern({ child: stage.child(), rating: 'green' });
    await desk.link(alert).waitFor();
    assert.equal(await said(desk, 'assertive'), '');
    await hears(desk, 'polite', '1 new alert');
    assert.ok(!(await rows(desk)).includes(secret.alert));
  });
});
