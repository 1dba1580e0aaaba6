// Somebody on a doorstep: a telephone with one bar of signal, slow to compute, that loses the net in the middle of a form.
import assert from 'node:assert/strict';
import { play } from './play.mjs';
import { until } from './stage.mjs';

// The figures of "slow 3G" in browsers' own tools.
const SLOW = { offline: false, latency: 400, downloadThroughput: 50000, uploadThroughput: 50000 };

async function slow(desk) {
  const line = await desk.context.newCDPSession(desk.page);
  await line.send('Network.enable');
  await line.send('Network.emulateNetworkConditions', SLOW);
  await line.send('Emulation.setCPUThrottlingRate', { rate: 6 });
  return line;
}

play((story) => {
  story('a list of 300 alerts weighs no more on a telephone than a photograph, and less the second time', async (stage, at) => {
    await stage.do('flood', { begin: 1, count: 300, ratings: ['red', 'amber', 'green'] });
    const desk = await at('hc-1', '320 px');
    // What came before the page was whole: what it renews afterwards may come in time or not.
    const weigh = async () => {
      await desk.open('/queue/unclaimed');
      return desk.page.evaluate(() => {
        const [page] = performance.getEntriesByType('navigation');
        return [page, ...performance.getEntriesByType('resource')].filter((one) => one.responseEnd <= page.loadEventStart).reduce((sum, one) => sum + one.transferSize, 0);
      });
    };
    const first = await weigh();
    const second = await weigh();
    assert.ok(first > 0 && first < 300 * 1024, `${first} bytes the first time`);
    assert.ok(second > 0 && second < 100 * 1024, `${second} bytes the second time`);
  });

  story('on a slow line an alert is read, claimed and noted, and pressing twice does it once', async (stage, at) => {
    const { alert } = await stage.concern({ child: 400, rating: 'red' });
    const desk = await at('hc-2', '320 px');
    await slow(desk);
    await desk.open(`/alert/${alert}`);
    await desk.follow('Add a note');
    await desk.type('Note', 'On the doorstep. Nobody answers.');
    await desk.press('Continue');
    const send = desk.button('Add a note');
    await send.dblclick();
    await until('the alert to say so', async () => (await desk.text()).includes('On the doorstep. Nobody answers.') && desk.page.url().includes(`/alert/${alert}`));
    await desk.reads('On the doorstep. Nobody answers.');
    assert.equal((await desk.text()).split('On the doorstep.').length - 1, 1);
    await desk.look('slow telephone');
  });

  story('the net goes in the middle of a form: what was typed is there when it is back', async (stage, at) => {
    const { alert } = await stage.concern({ child: 401, rating: 'amber' });
    const desk = await at('hc-2', '320 px');
    const line = await slow(desk);
    await desk.open(`/alert/${alert}`);
    await desk.follow('Add a note');
    await desk.type('Note', 'The grandmother has them until Monday.');
    await line.send('Network.emulateNetworkConditions', { ...SLOW, offline: true });
    await desk.click(desk.button('Continue'));
    await until('the browser to say that there is no net', () => desk.page.url().startsWith('chrome-error:'));
    await desk.page.waitForLoadState();
    await line.send('Network.emulateNetworkConditions', SLOW);
    // The browser may try by itself as soon as the net is back; then the way back is one step longer.
    const note = desk.page.getByLabel('Note', { exact: true });
    await until('the form to be there again', async () => {
      if (await note.count() === 0) await desk.page.goBack().catch(() => {});
      return await note.count() > 0;
    });
    assert.equal(await note.inputValue(), 'The grandmother has them until Monday.');
    await desk.press('Continue');
    await desk.reads('Check your answers', 'The grandmother has them until Monday.');
  });
});
