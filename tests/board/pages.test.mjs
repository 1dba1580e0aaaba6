// Pages that are looked at now and then: what they say after a day, of many families, under way.
import assert from 'node:assert/strict';
import { play } from './play.mjs';
import { until } from './stage.mjs';

const blue = async (stage) => {
  const it = await stage.concern({ child: stage.child(), rating: 'red' });
  await stage.act('hc-3', it.alert, { rate: { rating: 'RATING_BLUE' } }, { reason: 'known, and worked on' });
  return it.alert;
};

play((story) => {
  story('what nobody signed for yesterday is said so, and what came while somebody looked stays', async (stage, at) => {
    const first = await blue(stage);
    await stage.do('noon_tomorrow'); // whatever the hour is now, and however long the day
    const second = await blue(stage);
    const desk = await at('hc-4');
    await desk.open('/daily');
    await desk.reads("Children's Reception Team, Hampshire and Isle of Wight (2)", '1 of them is from days before today', 'Nobody has signed this list yet.');
    const row = (alert) => desk.page.getByRole('row').filter({ has: desk.link(alert) });
    assert.match(await desk.text(row(first)), /not signed since/i);
    assert.doesNotMatch(await desk.text(row(second)), /not signed since/i);
    await desk.look('daily list of yesterday');

    const third = await blue(stage);
    await desk.press("Sign the list of Children's Reception Team, Hampshire and Isle of Wight");
    await desk.reads("Children's Reception Team, Hampshire and Isle of Wight (1)", third);
    await desk.readsNot(first, second);
  });

  story('the daily list is kept from a party, and from another team', async (stage, at) => {
    const alert = await blue(stage);
    await stage.act('hc-4', alert, { declare_party: { staff: 'hc-2' } }, { reason: 'they live next door' });
    const party = await at('hc-2');
    await party.open('/daily');
    await party.readsNot(alert);
    const other = await at('ha-1');
    await other.open('/daily');
    await other.readsNot(alert, 'hampshire_childrens', 'Reception Team');
  });

  story('figures tell how long it took for five families and more, of no fewer, and of one\'s own teams', async (stage, at) => {
    for (let i = 0; i < 6; i++) {
      const { alert } = await stage.concern({ child: stage.child(), rating: 'amber' });
      await stage.act('hc-1', alert, { claim: {} });
      await stage.concern({ child: stage.child(), adult: true });
    }
    await stage.concern({ child: stage.child(), rating: 'green' });
    const desk = await at('hc-4');
    await desk.open('/');
    await until('figures to be made', async () => { // by the lowest of priorities
      await desk.open('/figures');
      return desk.says('first claimed');
    }, 400);
    await desk.look('figures');
    for (const more of await desk.main().locator('summary').all()) await more.click();
    await desk.reads('Most of it rests on fewer than five families', 'lines that may not be told');
    await desk.reads("Children's Reception Team, Hampshire and Isle of Wight, Hampshire", 'alerts Green fewer than 5 families', 'first claimed Amber 6 0 min', 'first claimed police 0 min 0 min 0 min', 'decided police fewer than 5 families', 'so far');
    await desk.readsNot('hampshire_adults', /Adults' front door/, /\bhc-1\b/);
    await desk.pick(desk.page.getByLabel('Alerts that were opened'), await desk.page.locator('option').last().getAttribute('value'));
    await desk.press('Show');
    await desk.reads('Nothing was opened in this quarter for a team of yours.');

    const csv = await desk.context.request.get('/figures/csv');
    assert.match(csv.headers()['content-type'], /^text\/csv/);
    assert.match(await csv.text(), /"E10000014","hampshire_childrens","Amber","","first claimed",6,0,0,0\r\n/);
    const lead = await at('performance-lead');
    await lead.reads("Children's Reception Team, Hampshire and Isle of Wight, Hampshire", "Adults' front door, Hampshire, Hampshire");
    const other = await at('hc-1');
    for (const path of ['/figures', '/figures/csv']) assert.equal((await other.context.request.get(path)).status(), 403);
    assert.equal(await other.link('Figures').count(), 0);
  });

  story('an operator sees what is recorded as it is recorded, by filter, and can hold the page still', async (stage, at) => {
    const desk = await at('night-operator');
    await desk.open('/operators?agency=health');
    const tail = desk.page.getByRole('region', { name: 'The newest records', exact: true });
    const newest = () => tail.evaluate((region) => [...region.querySelector('tbody tr')?.cells ?? []].map((cell) => cell.textContent.trim()).join(' '));
    const child = stage.child();
    const { sequence } = await stage.concern({ child, rating: 'red', agency: 'health' });
    await until('the record to be shown', async () => (await newest()).startsWith(`${sequence}`));
    assert.match(await newest(), /health\s+child_concern\s+E10000014/);

    await desk.button('Pause updates').click();
    await stage.concern({ child: stage.child(), rating: 'red' });
    const other = await at('night-operator');
    await other.open('/operators?agency=police');
    await until('the other window to show it', async () => /police/.test(await other.text(other.page.getByRole('region', { name: 'The newest records', exact: true }))));
    assert.ok((await newest()).startsWith(`${sequence}`));
    await desk.readsNot('Kim', 'coat');
    assert.equal(await desk.page.locator('.uplot canvas').count(), 2);
  });

  story('the last hour is told minute by minute, in a table and in a plot of it', async (stage, at) => {
    const desk = await at('night-operator');
    await desk.open('/operators');
    await desk.page.locator('summary').first().click();
    const rows = desk.page.getByRole('region', { name: 'Events in each minute' }).locator('tbody tr');
    const figures = () => rows.evaluateAll((all) => all.map((row) => row.cells[1].textContent));
    const accepted = async () => (await figures()).reduce((sum, figure) => sum + (Number(figure) || 0), 0);
    const begins = async () => {
      const before = await rows.count();
      await stage.do('next_minute');
      await until('the minute to begin', async () => await rows.count() > before && /^\d+$/.test((await figures()).at(-1)));
    };
    await begins(); // so that all that the stories before sent is told
    let sent = await accepted();
    for (let minute = 1; minute <= 5; minute++) {
      await begins();
      await stage.do('flood', { begin: 1000 + minute * 50, count: 4 * minute });
      sent += 4 * minute;
      await until('its events to be told', async () => await accepted() === sent);
    }
    await desk.look('operators plots');
    const told = await rows.count();
    await stage.do('board', { how: 'stop' });
    await stage.do('board', { how: 'start' });
    await desk.open('/operators');
    await desk.page.locator('summary').first().click();
    assert.ok(await rows.count() >= told, 'a board that starts again goes on with the hour');
    assert.equal(await accepted(), sent);
  });

  story('a queue that a board reads is not called unread, and one that nobody reads is', async (stage, at) => {
    await stage.do('notice', { child: stage.child() });
    await stage.concern({ child: stage.child(), rating: 'red' });
    const desk = await at('night-operator');
    await desk.open('/operators');
    const row = (queue) => desk.page.getByRole('region', { name: 'What waits for whom' }).locator('tr').filter({ has: desk.page.getByRole('rowheader', { name: queue, exact: true }) });
    const told = async (queue, words) => words.test(await desk.text(row(queue)));
    await until('the board to have taken it', () => told("Children's Reception Team, Hampshire and Isle of Wight (hampshire_childrens)", /never, and is not needed; read live by \d+\s+0\s/));
    await desk.readsNot(/hampshire_childrens\): \d+ waiting/);
    await until('the notice to wait', () => told('Health services (health_notices)', /NO/));
    await desk.reads(/Health services \(health_notices\): \d+ waiting, and nobody is subscribed/);
  });
});
