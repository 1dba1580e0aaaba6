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

  story('of an alert with hundreds of entries the newest are shown, and the older by links', async (stage, at) => {
    const desk = await at('hc-2');
    const { alert } = await stage.do('pile', { child: stage.child(), count: 450 });
    await desk.opensTo(`/alert/${alert}`, 'The newest of all.');
    await desk.readsNot('Concern number 1.');
    await desk.follow('Older entries');
    await desk.readsNot('The newest of all.');
    while (await desk.link('Older entries').count() > 0) await desk.follow('Older entries');
    await desk.reads('Concern number 1.');
    await desk.look('older entries');
  });

  story('whoever is named in a later entry alone, however much later, is called by that name in an earlier one', async (stage, at) => {
    const desk = await at('hc-1');
    const { alert } = await stage.do('pile', { child: stage.child(), count: 70, nameless: 60 });
    await desk.opensTo(`/alert/${alert}`, 'The newest of all.');
    const first = desk.page.locator('.moj-timeline__item').filter({ hasText: 'Concern number 1.' });
    assert.match(await desk.text(first), /known as Kim Example, born 1 Feb 2018/);
  });

  story('what was said of somebody before, in an alert that is over too, is one button away', async (stage, at) => {
    const child = stage.child();
    const before = await stage.concern({ child, rating: 'green' });
    await stage.act('hc-4', before.alert, { claim: {} });
    await stage.act('hc-4', before.alert, { decide: { person: before.people[0], outcome: 'no_further_action', rationale: 'A misunderstanding.' } });
    const it = await stage.concern({ child, rating: 'red', agency: 'health' });
    assert.notEqual(it.alert, before.alert);
    const desk = await at('hc-1');
    await desk.open(`/alert/${it.alert}`);
    const [last] = await stage.do('audited');
    await desk.press(`What else is known of person ${it.people[0]}`);
    await desk.reads('All that is known of this person and that your teams may see', 'police', 'health');
    await desk.look('known');
    const [look] = await stage.do('audited');
    assert.ok(look.sequence > last.sequence);
    assert.deepEqual([look.on_behalf_of, look.read], ['hc-1', 'find']);
    await desk.go(desk.link(before.alert).first());
    await desk.reads('A misunderstanding.');
    await desk.open('/find');
    await desk.type('Who or what', it.nhs);
    await desk.press('Find');
    await desk.press('What else is known of this person');
    await desk.reads('All that is known of this person and that your teams may see', before.alert, it.alert);
  });

  story('a form names nobody whom the alert is not about', async (stage, at) => {
    const it = await stage.concern({ child: stage.child(), rating: 'red' });
    const other = await stage.concern({ child: stage.child(), rating: 'red', restricted: true });
    const desk = await at('hc-1');
    for (const number of [other.people[0], 444444, 0, '1x']) {
      await desk.open(`/act/${it.alert}/decide?person=${number}&version=1`);
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
    await desk.reads(/Practitioner Two \(invented\) \(hc-2\), children's front door of .* claimed it/, /Person\s+Kim Example, born 1 Feb 2018/);
    await desk.look('stale decide');
  });

  // ---- whom the hub takes for whom --------------------------------------------------------------------------------------------------
  // Two alerts of one team about a child whom one agency's number names and the other's does not.
  async function twice(stage, family, more = {}) {
    const it = await stage.concern({ child: stage.child(), rating: 'red', family });
    const other = await stage.concern({ child: stage.child(), rating: 'green', agency: 'health', family, numbered: false, ...more });
    return { it, other, pair: `${it.people[0]}-${other.people?.[0]}` };
  }
  const radios = (desk) => desk.page.locator('input[type=radio][name=pair]').evaluateAll((all) => all.map((one) => one.value));

  story('a possible link is offered with what agrees, what differs and who said it, and confirmed by choosing it', async (stage, at) => {
    const { it, other, pair } = await twice(stage, 'Twicesaid', { given: 'Kimberley' });
    const desk = await at('hc-1');
    await desk.open(`/alert/${it.alert}`);
    await desk.follow('Confirm a possible link');
    assert.deepEqual(await radios(desk), [pair]);
    await desk.reads('Kim Twicesaid, born 1 Feb 2018 (child) (person', 'Kimberley Twicesaid, born 1 Feb 2018 (child)', 'Agrees: birth date, family name. Differs: given names.',
      `police: child concern, `, `health: child concern, `, `alert ${other.alert}`);
    await desk.look('act confirm link');
    await desk.press('Continue');
    await desk.reads('There is a problem', 'Choose: what is meant');
    await desk.look('act confirm link wrong');
    await desk.choose(/^Kim Twicesaid/);
    await desk.choose(/^The same person/);
    await desk.type('Why', 'The health visitor knows both.');
    await desk.press('Continue');
    await desk.reads(/Person\s+Kim Twicesaid/, /And person\s+Kimberley Twicesaid/, 'The same person');
    await desk.look('check confirm link');
    await desk.press('Change something');
    assert.ok(await desk.page.getByRole('radio', { name: /^Kim Twicesaid/ }).isChecked());
    await desk.press('Continue');
    await desk.press('Confirm a possible link');
    await desk.reads('You confirmed a possible link');
    await desk.follow('Confirm a possible link');
    assert.deepEqual(await radios(desk), [], 'they are one now');
    await desk.follow('Back');

    await desk.follow('Split a wrong link');
    await desk.reads(`Kimberley Twicesaid, born 1 Feb 2018 (child) (person ${other.people[0]}) was wrongly joined with Kim Twicesaid`, 'because they were not known before');
    await desk.look('act split link');
    await desk.choose(/^Kimberley .* was wrongly joined/);
    await desk.type('Why', 'They are cousins.');
    await desk.press('Continue');
    await desk.reads(/Person who was wrongly joined\s+Kimberley/, /Person they were taken for\s+Kim/);
    await desk.press('Split a wrong link');
    await desk.reads('You split a wrong link', 'They are cousins.');
    await desk.follow('Confirm a possible link');
    assert.deepEqual(await radios(desk), [pair], 'and they may be found to be one after all');
  });

  story('who is not cleared is offered nobody of a restricted alert, and no page of theirs is another for it', async (stage, at) => {
    const it = await stage.concern({ child: stage.child(), rating: 'red', family: 'Onlyone' });
    const desk = await at('hc-1'), cleared = await at('hc-3');
    const page = async () => {
      const text = [];
      for (const act of ['confirm-link', 'split-link']) {
        await desk.open(`/act/${it.alert}/${act}?version=1`);
        text.push((await desk.page.locator('form[action*="/act/"]').innerHTML()).replace(/name="token" value="[^"]*"/, ''));
      }
      return text.join();
    };
    const before = await page();
    const hidden = await stage.concern({ child: stage.child(), rating: 'red', agency: 'health', family: 'Onlyone', numbered: false, restricted: true });
    await cleared.open(`/alert/${hidden.alert}`);
    assert.equal(await page(), before);
    await cleared.open(`/act/${it.alert}/confirm-link?version=1`);
    assert.deepEqual(await radios(cleared), [`${it.people[0]}-${hidden.people[0]}`], 'who is cleared is offered them');

    // and by its number they are answered as about nobody
    const answers = [];
    for (const number of [hidden.people[0], 7777]) {
      await desk.open(`/act/${it.alert}/confirm-link?version=1`);
      await desk.page.locator('summary').filter({ hasText: 'by number' }).click({ timeout: 500 }).catch(() => {});
      await desk.type('Person', String(it.people[0]));
      await desk.type('And person', String(number));
      await desk.choose(/^The same person/);
      await desk.type('Why', 'A guess.');
      await desk.press('Continue');
      await desk.reads(`Person ${number}`);
      await desk.press('Confirm a possible link');
      answers.push((await desk.text(desk.page.locator('.govuk-error-summary'))));
    }
    assert.equal(answers[0], answers[1]);
  });

  story('a party, and another team, are offered nobody of an alert that is kept from them', async (stage, at) => {
    const { it, other } = await twice(stage, 'Keptfrom');
    const { pair } = { pair: `${it.people[0]}-${other.people[0]}` };
    const desk = await at('hc-2');
    await desk.open(`/act/${it.alert}/confirm-link?version=1`);
    assert.deepEqual(await radios(desk), [pair]);
    await stage.act('hc-4', other.alert, { declare_party: { staff: 'hc-2' } }, { reason: 'they live next door' });
    const adult = await stage.concern({ child: stage.child(), rating: 'red', adult: true, family: 'Keptfrom' });
    await stage.do('wait');
    await desk.open(`/act/${it.alert}/confirm-link?version=1`);
    assert.deepEqual(await radios(desk), [], 'declared a party of the other');
    await desk.readsNot(other.alert, adult.alert);
    const adults = await at('ha-1');
    await adults.open(`/act/${adult.alert}/confirm-link?version=1`);
    assert.deepEqual(await radios(adults), []);
    await adults.readsNot(it.alert, other.alert);
  });

  story('without the hub a link is confirmed by numbers, and the page says why', async (stage, at) => {
    const { it, other } = await twice(stage, 'Byhand');
    const desk = await at('hc-1');
    await desk.open(`/alert/${it.alert}`);
    await stage.do('hub', { how: 'stop' });
    await desk.open(`/act/${it.alert}/confirm-link?version=1`);
    await desk.reads('Names cannot be shown', 'Nobody can be offered here: enter numbers.');
    await desk.look('act confirm link away');
    await desk.type('Person', String(it.people[0]));
    await desk.type('And person', String(other.people[0]));
    await desk.choose(/^The same person/);
    await desk.type('Why', 'The health visitor knows both.');
    await desk.press('Continue');
    await desk.reads('Check your answers', `Person ${other.people[0]}`);
  });
});
