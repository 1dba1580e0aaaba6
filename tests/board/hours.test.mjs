// What is due when, and why then: of whatever began the clock, and to both sides of a question.
import assert from 'node:assert/strict';
import { play } from './play.mjs';

const WHY = /From \w{3} \d+ \w{3} \d{4} \d\d:\d\d .*: .*Rule: \w+/;

async function asked(stage, { who = 'hc-2', ...more } = {}) {
  const it = await stage.concern({ child: stage.child(), rating: 'red' });
  await stage.act(who, it.alert, { claim: {} });
  const { number } = await stage.act(who, it.alert, { request_information: { agency: 'health', question: 'Is the child known?', ...more } });
  return { ...it, request: `R${number}` };
}

// The rows of a page's summary list, "key": "value".
async function rows(desk) {
  return Object.fromEntries(await desk.main().locator('.govuk-summary-list__row').evaluateAll((all) => all.map((row) =>
    [row.querySelector('dt').textContent.trim(), row.querySelector('dd').textContent.trim()])));
}

play((story) => {
  for (const way of ['mouse', '320 px']) {
    story(`whoever asked sees by when and why then, and only the agency may answer: ${way}`, async (stage, at) => {
      const health = await stage.do('agency_board');
      const it = await asked(stage);
      const desk = await at('hc-2', way), nurse = await at('he-1', way, health);
      await desk.open(`/item/${it.request}`);
      await nurse.open(`/item/${it.request}`);
      const here = await rows(desk), there = await rows(nurse);
      const time = Object.keys(here).find((key) => key.startsWith('an agency answers'));
      assert.match(here[time], /left, due .*From .* over the calendar /);
      assert.match(here[time], WHY);
      // The rule's name tells how the alert is rated: who is asked is not told that.
      assert.equal(there[time].replace(/.*due /s, ''), here[time].replace(/.*due /s, '').replace(/ Rule: .*/s, ''), 'one time, told alike');
      assert.equal(here.Question, 'Is the child known?');
      assert.equal(here['Who is asked'], 'health');
      assert.equal(there['Who asks'], here['Who asks']);
      assert.equal(await desk.link('Answer').count(), 0, 'the answer is the agency\'s act');
      assert.equal(await nurse.link('Answer').count(), 1);
      assert.equal((await desk.text()).split('Is the child known?').length, 3, 'once as the question, once as what was done');
      await desk.look('request-asked');
    });
  }

  story('a time that somebody said is told as theirs', async (stage, at) => {
    const it = await asked(stage, { due_ms: Date.now() + 5 * 3600000 });
    const desk = await at('hc-2');
    await desk.open(`/item/${it.request}`);
    await desk.reads('an agency answers by when it was asked to', 'a person said until when; it was not reckoned');
  });

  story('every clock of an alert says from when, by which rule and calendar: of the event, a rating, a question, after a hold', async (stage, at) => {
    const it = await asked(stage, { who: 'hc-4' });
    await stage.act('hc-4', it.alert, { rate: { rating: 'RATING_AMBER' } }, { reason: 'seen at school today' });
    const desk = await at('hc-2');
    await desk.open(`/alert/${it.alert}`);
    const clocks = desk.main().locator('.govuk-summary-list__row').filter({ hasText: ', due ' });
    const told = await clocks.allTextContents();
    assert.ok(told.length >= 3, told.join('\n'));
    for (const clock of told) assert.match(clock, WHY);
    await desk.look('clocks');
    await stage.act('hc-4', it.alert, { hold: { until_ms: Date.now() + 3600000 } }, { reason: 'the family is away' });
    await desk.open(`/alert/${it.alert}`);
    await desk.reads(/held until \w{3} \d+ \w{3} \d{4}/, 'stopped by the hold; was due');
  });

  story('a disagreement\'s stage says by what it is due; its record is written when it is closed', async (stage, at) => {
    const it = await asked(stage);
    const { number } = await stage.act('hc-2', it.alert, { dispute: { with_team: 'health', position: 'We see it otherwise.' } });
    const desk = await at('hc-2');
    await desk.open(`/item/D${number}?alert=${it.alert}`);
    await desk.reads(WHY);
    await desk.readsNot('to be resolved by'); // an old entry knows nothing of the stage of today
    assert.equal(await desk.link('Record the outcome').count(), 0);
    assert.equal(await desk.link('Settle').count(), 1);
    await desk.look('disagreement-stage');
  });

  // ---- what is told beside alerts ------------------------------------------------------------------------------------------------
  for (const way of ['mouse', '320 px']) {
    story(`an alarm reaches the duty manager's open list by itself, with who must look, and nobody else's: ${way}`, async (stage, at) => {
      const duty = await at('hd-1', way), other = await at('hc-1', way);
      await Promise.all([duty.page.waitForResponse((r) => new URL(r.url()).pathname === '/live'), duty.open('/told')]);
      const before = await duty.main().locator('[data-row]').count();
      await stage.do('alarm', { child: stage.child() });
      await duty.main().locator('[data-row]').nth(before).waitFor();
      await duty.page.getByRole('status').filter({ hasText: '1 new alarm or notice' }).waitFor({ state: 'attached' });
      await duty.reads('an event id came again with other content', 'duty managers of Hampshire', /\w{3} \d+ \w{3} \d{4} \d\d:\d\d/);
      await duty.look('told');
      await duty.readsNot('Something else', 'Kim');
      await other.open('/told');
      await other.reads('Alarms and notices (0)');
      assert.equal(await other.main().locator('[data-row]').count(), 0);
    });
  }

  story('a notice is read and seen by a person of the agency, and stands in nobody else\'s list', async (stage, at) => {
    const health = await stage.do('agency_board');
    const { notice } = await stage.do('notice', { child: stage.child() });
    const nurse = await at('he-1', 'mouse', health), desk = await at('hc-1');
    await nurse.open('/told');
    await nurse.link(`Notice ${notice}`).waitFor();
    await nurse.look('notices');
    await nurse.follow(`Notice ${notice}`);
    await nurse.reads('Protection plan', /Seen by a person\s+not yet/, 'health services should know');
    await nurse.look('notice');
    await nurse.press('Mark as seen');
    await nurse.reads(/Seen by a person\s+yes/);
    assert.equal(await nurse.button('Mark as seen').count(), 0);
    await nurse.open('/told');
    await nurse.link(`Notice ${notice}`).waitFor({ state: 'detached' });
    await desk.open('/told');
    await desk.reads('Alarms and notices (0)');
    await desk.page.goto(`/item/${notice}`);
    await desk.reads('There is no such item, or it is not for you.');
  });

  story('feedback stands in the agency\'s list until one of its people has seen it, also for a board that begins anew', async (stage, at) => {
    const health = await stage.do('agency_board');
    const it = await stage.concern({ child: stage.child(), agency: 'health', rating: 'red' });
    await stage.act('hc-4', it.alert, { claim: {} });
    await stage.act('hc-4', it.alert, { decide: { person: it.people[0], outcome: 'no_further_action', rationale: 'The school has it in hand.', feedback: 'Thank you: it is in hand.' } });
    const nurse = await at('he-1', 'mouse', health);
    const feedback = nurse.main().getByRole('link', { name: /^Feedback F\d+$/ });
    await feedback.waitFor();
    const code = (await feedback.innerText()).replace('Feedback ', '');
    await nurse.look('asked-feedback');
    await nurse.go(feedback);
    await nurse.reads('Thank you: it is in hand.', /Seen by a person of your agency\s+not yet/);
    await nurse.press('Mark as seen');
    await nurse.reads(/Seen by a person of your agency\s+yes/);
    await nurse.open('/asked');
    await feedback.waitFor({ state: 'detached' });
    await stage.do('agency_again');
    const again = await at('he-2', 'mouse', health);
    await again.open('/asked');
    assert.equal(await again.link(`Feedback ${code}`).count(), 0);
  });
});
