// Pages that are looked at now and then: what they say after a day, of many families, under way.
import assert from 'node:assert/strict';
import { play } from './play.mjs';

const blue = async (stage) => {
  const it = await stage.concern({ child: stage.child(), rating: 'red' });
  await stage.act('hc-3', it.alert, { rate: { rating: 'RATING_BLUE' } }, { reason: 'known, and worked on' });
  return it.alert;
};

play((story) => {
  story('what nobody signed for yesterday is said so, and what came while somebody looked stays', async (stage, at) => {
    const first = await blue(stage);
    await stage.do('later', { minutes: 24 * 60 });
    const second = await blue(stage);
    const desk = await at('hc-4');
    await desk.open('/daily');
    await desk.reads('hampshire_childrens (2)', '1 of them is from days before today', 'Nobody has signed this list yet.');
    const row = (alert) => desk.page.getByRole('row').filter({ has: desk.link(alert) });
    assert.match(await desk.text(row(first)), /not signed since/i);
    assert.doesNotMatch(await desk.text(row(second)), /not signed since/i);
    await desk.look('daily list of yesterday');

    const third = await blue(stage);
    await desk.press('Sign the list of hampshire_childrens');
    await desk.reads('hampshire_childrens (1)', third);
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
    await other.readsNot(alert, 'hampshire_childrens');
  });
});
