// Two people on one alert.
import assert from 'node:assert/strict';
import { play } from './play.mjs';
import { until } from './stage.mjs';

const WHY = 'Spoke to the school: the coat was lost,\nand found again.';

play((story) => {
  story('who comes second reads who changed what, loses nothing typed, and sends the newer version only when they press again', async (stage, at) => {
    const first = await at('hc-1'), second = await at('hc-2');
    const { alert } = await stage.concern({ child: stage.child(), rating: 'red' });
    await first.open(`/alert/${alert}`);
    await second.open(`/alert/${alert}`);
    await second.follow('Rate');
    await second.choose('Green');
    await second.type('Why', WHY);

    await first.press('Claim');
    await second.press('Continue');
    await second.press('Rate');
    assert.equal(second.status, 409);
    await second.reads(`${alert} has changed since you opened it`, "Practitioner One (invented) (hc-1), children's front door of Hampshire and the Isle of Wight claimed it", 'Green', WHY);
    await second.look('stale');

    await first.follow('Rate');
    await first.choose('Amber');
    await first.type('Why', 'It is not that grave.');
    await first.press('Continue');
    await first.press('Rate');
    await second.press('Rate'); // on the version that they were shown, which is not the newest either
    assert.equal(second.status, 409);
    await second.reads('rated it amber', WHY);
    await second.press('Change something');
    assert.equal(await second.page.getByLabel('Why').inputValue(), WHY);
    assert.ok(await second.page.getByLabel('Green').isChecked());
    await second.press('Continue');
    await second.press('Rate');
    await second.reads(/Green rated by/, WHY, 'It is not that grave.');
  });

  story('a team that an alert is sent to reads why it is with them, who it is about, and who sent it and why', async (stage, at) => {
    const { alert } = await stage.concern({ child: stage.child(), rating: 'green' });
    await stage.act('hc-4', alert, { reassign: { queue: 'hampshire_out_of_hours' } }, { reason: 'Look in on them at the weekend.' });
    const night = await at('hn-1');
    await night.open(`/alert/${alert}`);
    await night.reads('an alert that began elsewhere is with you now', 'Kim Example, born 1 Feb 2018', 'sent it to another queue', 'Team Manager Four', 'Look in on them at the weekend.');
    await night.readsNot(/Person \d/);
    await night.look('sent here');
  });

  story('of two who claim at the same moment one has it, and the other is told who', async (stage, at) => {
    const people = [await at('hc-1'), await at('hc-2')];
    const { alert } = await stage.concern({ child: stage.child(), rating: 'red' });
    for (const desk of people) await desk.open(`/alert/${alert}`);
    await Promise.all(people.map((desk) => desk.press('Claim')));
    const [winner] = people.filter((desk) => desk.status === 200), [other] = people.filter((desk) => desk.status === 409);
    assert.ok(winner && other, people.map((desk) => desk.status).join());
    await other.reads('has changed since you opened it', `(${winner.who}), children's front door of Hampshire and the Isle of Wight claimed it`);
    await other.look('claim stale');
    await other.follow('Back');
    await other.reads(`(${winner.who})`);
  });

  story('a form that is sent twice is done once', async (stage, at) => {
    const desk = await at('hc-1');
    const { alert } = await stage.concern({ child: stage.child(), rating: 'red' });
    await desk.open(`/alert/${alert}`);
    await desk.follow('Add a note');
    await desk.type('Note', 'Sent twice.');
    await desk.press('Continue');
    const form = await desk.page.locator('form[action$="/send"]').evaluate((f) => Object.fromEntries(new FormData(f)));
    const path = `/act/${alert}/note/send`;
    const answers = await Promise.all([1, 2].map(() => desk.context.request.post(path, { form, maxRedirects: 0 })));
    assert.deepEqual(answers.map((answer) => answer.status()), [303, 303]);
    await desk.open(`/alert/${alert}`);
    assert.equal((await desk.text()).split('Sent twice.').length - 1, 1);
  });

  story('a colleague who is offered it accepts it, and at no moment it is nobody\'s', async (stage, at) => {
    const giver = await at('hc-1'), taker = await at('hc-2');
    const { alert } = await stage.concern({ child: stage.child(), rating: 'green' });
    await stage.act('hc-1', alert, { claim: {} });
    await giver.open(`/alert/${alert}`);
    const row = giver.page.getByRole('row').filter({ has: giver.link(alert) });
    await giver.opensTo('/shift', row);
    await giver.pick(row.getByLabel('Who is asked to take it'), 'hc-2');
    await giver.press(`Ask them to take ${alert}`);
    await taker.opensTo('/queue/mine', 'offered to you', '(hc-1)');
    await taker.opensTo('/shift', 'Offered to you by Practitioner One (invented) (hc-1)');
    await taker.press(`Accept ${alert}`);
    await until('it to be theirs no more', async () => {
      await giver.open('/shift');
      return await giver.link(alert).count() === 0;
    });
  });

  story('whoever declares themselves a party reads that it is gone, and finds it no more', async (stage, at) => {
    const desk = await at('hc-2');
    const { alert } = await stage.concern({ child: stage.child(), rating: 'green' });
    await desk.open(`/alert/${alert}`);
    await desk.follow('Declare a party');
    await desk.choose('Practitioner Two (invented)');
    await desk.type('Why', 'They live next door.');
    await desk.press('Continue');
    await desk.press('Declare a party');
    await desk.reads(`${alert} is not shown to you any more.`);
    assert.equal(await desk.link(alert).count(), 0);
    await desk.look('gone');
    assert.equal((await desk.page.goto(`/alert/${alert}`)).status(), 404);
  });

  story('who was told of an alert by no rule reads that nobody acted in time', async (stage, at) => {
    const { alert } = await stage.concern({ child: stage.child(), rating: 'red' });
    await stage.do('later', { minutes: 61 });
    const desk = await at('hd-1');
    await desk.open(`/alert/${alert}`);
    const why = await desk.main().locator('details').filter({ hasText: 'Why am I seeing this?' }).getByRole('listitem').allInnerTexts();
    assert.equal(why.length, 1, why.join('\n'));
    assert.match(why[0], /duty manager/);
    await desk.look('alert escalated');
  });
});
