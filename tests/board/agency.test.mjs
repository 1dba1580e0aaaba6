// An agency is asked what it knows: its people find the question on a board of their own, answer it, and see of the alert nothing but that.
import assert from 'node:assert/strict';
import { play } from './play.mjs';

const QUESTION = 'Is the family known to the health visitor?';
const ANSWER = 'Known to us since 2024: "two" missed visits & <no> answer at the door.';

async function ask(stage) {
  const it = await stage.concern({ child: stage.child(), rating: 'red' });
  await stage.act('hc-2', it.alert, { claim: {} });
  const { number } = await stage.act('hc-2', it.alert, { request_information: { agency: 'health', question: QUESTION } });
  return { ...it, request: `R${number}` };
}

play((story) => {
  for (const way of ['mouse', 'keyboard', 'without script', '320 px']) {
    story(`somebody of the agency answers a question, and the team reads it: ${way}`, async (stage, at) => {
      const health = await stage.do('agency_board');
      const it = await ask(stage);
      const nurse = await at('he-1', way, health), desk = await at('hc-2');
      assert.equal(new URL(nurse.page.url()).pathname, '/asked', 'an agency\'s first page is what it is asked');
      await nurse.opensTo('/asked', nurse.link(`Request ${it.request}`));
      await nurse.readsNot(QUESTION, /Practitioner Two/); // a list is read by nobody's audit
      await nurse.look('asked');
      await nurse.follow(`Request ${it.request}`);
      await nurse.reads(QUESTION, 'Answered', 'not yet', /left, due/);
      await nurse.look('request');
      await nurse.follow('Answer');
      await nurse.type('Answer', ANSWER);
      await nurse.press('Continue');
      await nurse.reads('Check your answers', ANSWER);
      await nurse.press('Answer');
      await nurse.reads(/Answered\s+yes/);
      await nurse.follow('Asked of you', nurse.main());
      await nurse.opensTo('/asked', 'Asked of you (0)', "No team waits for your agency's answer.");
      await desk.open(`/item/${it.request}`);
      await desk.reads(ANSWER, /Answered\s+yes/);
    });
  }

  story('a question that is asked while the list is open comes by itself, and goes when a colleague has answered it', async (stage, at) => {
    const health = await stage.do('agency_board');
    const nurse = await at('he-1', 'mouse', health);
    await Promise.all([nurse.page.waitForResponse((r) => new URL(r.url()).pathname === '/live'), nurse.open('/asked')]);
    const it = await ask(stage);
    await nurse.link(`Request ${it.request}`).waitFor();
    const colleague = await at('he-2', 'mouse', health);
    await colleague.open(`/act/${it.request}/answer?version=0&alert=${it.alert}`);
    await colleague.type('Answer', ANSWER);
    await colleague.press('Continue');
    await colleague.press('Answer');
    await nurse.link(`Request ${it.request}`).waitFor({ state: 'detached' });
  });

  story('of the alert an agency sees nothing: not in a list, not by its number, and no other team sees its questions', async (stage, at) => {
    const health = await stage.do('agency_board');
    const it = await ask(stage);
    const manager = await at('he-2', 'mouse', health), desk = await at('hc-1');
    await manager.link(`Request ${it.request}`).waitFor();
    for (const list of ['unclaimed', 'mine', 'team', 'waiting', 'held', 'closed']) {
      await manager.open(`/queue/${list}`);
      assert.equal(await manager.main().locator('[data-row]').count(), 0, list);
    }
    await manager.page.goto(`/alert/${it.alert}`);
    await manager.reads('There is no such alert, or it is not for you.');
    await desk.open('/asked');
    await desk.reads('Asked of you (0)');
  });
});
