// Whom a form is about: nobody decides about the wrong child, whoever looks is told no more than the alert's own page tells them, and who must act
// while the hub is away acts by the number.
import assert from 'node:assert/strict';
import { play } from './play.mjs';

const decision = (it, at = 0) => `/act/${it.alert}/decide?person=${it.people[at]}&version=1`;

play((story) => {
  story('of two children in one alert the form, the check and what was done say which', async (stage, at) => {
    const it = await stage.concern({ child: stage.child(), sibling: stage.child(), rating: 'red' });
    await stage.act('hc-4', it.alert, { claim: {} });
    const desk = await at('hc-4');
    await desk.open(`/alert/${it.alert}`);
    const row = desk.page.locator('.govuk-summary-list__row').filter({ hasText: 'Alex Example' });
    await desk.follow(/^Decide about/, row);
    await desk.reads('About: Alex Example, born 1 Feb 2018');
    await desk.readsNot('Kim');
    await desk.choose('information or advice was given');
    await desk.type('Why', 'Asked for by the family.');
    await desk.press('Continue');
    await desk.reads(/Person\s+Alex Example, born 1 Feb 2018/);
    await desk.readsNot('Kim');
    await desk.look('check decide sibling');
    await desk.press('Decide');
    await desk.reads(/You decided: information or advice was given – Alex Example/);
    assert.match(await desk.text(row), /information or advice was given/);
    const audited = (await stage.do('audited')).filter((read) => read.item === it.alert && read.on_behalf_of === 'hc-4');
    assert.ok(audited.length >= 4, 'every page that names somebody is a read of its own');
  });

  story('an adult is decided about as an adult, and what does not fit lies folded, for when the record is wrong', async (stage, at) => {
    const it = await stage.concern({ child: stage.child(), adult: true, rating: 'red' });
    const desk = await at('ha-4');
    await desk.open(decision(it));
    await desk.reads('About: Kim Example, born 1 Feb 1950 (adult at risk)', 'the adult was pointed to a service that helps', 'information or advice was given');
    await desk.readsNot('assessed as a child in need');
    await desk.look('act decide adult');
    await desk.click(desk.page.locator('summary').filter({ hasText: 'Others, which do not fit' }));
    await desk.reads('assessed as a child in need');
    await desk.choose(/^assessed as a child in need/);
    await desk.press('Continue');
    await desk.reads('There is a problem', 'assessed as a child in need');
    assert.ok(await desk.page.getByRole('radio', { name: /^assessed as a child in need/ }).isChecked(), 'what was chosen is seen, not folded away');
  });

  story('while the hub is away the form works by the number, and says why', async (stage, at) => {
    const it = await stage.concern({ child: stage.child(), rating: 'red' });
    const desk = await at('hc-4');
    await desk.open(`/alert/${it.alert}`);
    await stage.do('hub', { how: 'stop' });
    await desk.open(decision(it));
    await desk.reads(`About: Person ${it.people[0]}`, 'Names cannot be shown: this board is cut off from the hub', 'information or advice was given',
      'the adult was pointed');
    await desk.look('act decide away');
    await desk.choose('information or advice was given');
    await desk.type('Why', 'Asked for by the family.');
    await desk.press('Continue');
    await desk.reads('Check your answers', `Person ${it.people[0]}`, 'Names cannot be shown');
    await desk.press('Decide');
    await desk.reads('Not sent yet', `Person ${it.people[0]}`);
  });

  story('a form names nobody whom the alert is not about', async (stage, at) => {
    const it = await stage.concern({ child: stage.child(), rating: 'red' });
    const other = await stage.concern({ child: stage.child(), rating: 'red', restricted: true });
    const desk = await at('hc-1');
    for (const number of [other.people[0], 444444, 0, '1x']) {
      await desk.open(`/act/${it.alert}/split-link?person=${number}&version=1`);
      await desk.readsNot('Kim', 'Example');
    }
  });

  story('who was told of a stale version reads about whom they were about to decide', async (stage, at) => {
    const it = await stage.concern({ child: stage.child(), rating: 'red' });
    const desk = await at('hc-4');
    await desk.open(`/alert/${it.alert}`);
    await desk.follow(/^Decide about/);
    await desk.choose('information or advice was given');
    await desk.type('Why', 'Asked for by the family.');
    await desk.press('Continue');
    await stage.act('hc-2', it.alert, { claim: {} });
    await desk.press('Decide');
    assert.equal(desk.status, 409);
    await desk.reads('Practitioner Two (invented) (hc-2), practitioner, hampshire-childrens claimed it', /Person\s+Kim Example, born 1 Feb 2018/);
    await desk.look('stale decide');
  });
});
