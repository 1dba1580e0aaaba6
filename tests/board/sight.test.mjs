// Somebody looks for what they may not see: on every page that a link leads to, at every address, in every count, by every act. What they get is, but
// for the number they asked for, what they get for an alert that never was.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { play } from './play.mjs';
import { until } from './stage.mjs';

let nevers = 0;
const neverWas = () => ({ alert: `A${999000 + ++nevers}`, disagreement: `D${999000 + nevers}`, request: `R${999000 + nevers}`, notice: `N${999000 + nevers}` });
const ACTS = ['claim', 'seen', 'release', 'hand-over', 'rate', 'note', 'request-information', 'decide', 'reassign', 'hold', 'resume', 'restate', 'withhold',
  'declare-party', 'wait', 'dispute', 'confirm-link', 'split-link'];

// What changes from answer to answer, whoever asks: tokens, the time.
const plain = (html) => html.replace(/name="(token|command_id)" value="[^"]*"/g, '').replace(/<time class="js-session-end".*?<\/time>/g, '')
  .replace(/as it stood at [^<]*/g, '').replace(/data-(now|ends|due)="-?\d+"/g, '').replace(/\d+ (d|h|min)\b/g, '');

async function get(desk, path) {
  const answer = await desk.context.request.get(path, { maxRedirects: 0 });
  return { status: answer.status(), to: answer.headers().location ?? '', text: plain(await answer.text()) };
}

async function post(desk, path, form) {
  const page = await (await desk.context.request.get('/purpose')).text();
  const token = /name="token" value="([^"]*)"/.exec(page)[1];
  const answer = await desk.context.request.post(path, { maxRedirects: 0, form: { token, command_id: randomUUID(), ...form } });
  return { status: answer.status(), to: answer.headers().location ?? '', text: plain(await answer.text()) };
}

// Every page that links lead to from the first one, by its address.
async function everything(desk) {
  const pages = new Map();
  const waiting = ['/'];
  while (waiting.length > 0) {
    const path = waiting.pop();
    if (pages.has(path)) continue;
    const page = await get(desk, path);
    pages.set(path, page);
    for (const [, link] of page.text.matchAll(/href="(\/[^"#]*)"/g)) if (!link.startsWith('/assets/')) waiting.push(link.replaceAll('&amp;', '&'));
    if (page.to) waiting.push(page.to);
    assert.ok(pages.size < 400, 'a board of a few alerts has few pages');
  }
  return pages;
}

// Every address and form that takes the number of an alert, a disagreement or a request.
async function* probes(desk, it) {
  const form = { alert: it.alert, version: '1', reason: 'because', text: 'x' };
  for (const path of [`/alert/${it.alert}`, `/alert/${it.alert}/print`, `/alert/${it.alert}?part=rows`, `/item/${it.disagreement}`, `/item/${it.request}`, `/item/${it.notice}`]) {
    yield [path, await get(desk, path)];
  }
  for (const act of ACTS) {
    yield [act, await get(desk, `/act/${it.alert}/${act}?version=1`)];
    yield [`${act} checked`, await post(desk, `/act/${it.alert}/${act}`, form)];
    yield [`${act} sent`, await post(desk, `/act/${it.alert}/${act}/send`, form)];
  }
  for (const [item, act] of [[it.disagreement, 'respond'], [it.disagreement, 'settle'], [it.request, 'answer']]) {
    const words = { ...form, position: 'x', agreement: 'x' };
    yield [`${act} form`, await get(desk, `/act/${item}/${act}?alert=${it.alert}`)];
    yield [`${act} sent`, await post(desk, `/act/${item}/${act}/send`, words)];
  }
  yield ['a notice seen', await post(desk, `/act/${it.notice}/seen/send`, form)];
}

// "A1" is not told by "A17".
const names = (text, secret) => new RegExp(`\\b${secret}\\b`).test(text);

const withoutNumbers = (answer, it) => JSON.stringify(answer).replaceAll(it.alert, 'A').replaceAll(it.disagreement, 'D').replaceAll(it.request, 'R').replaceAll(it.notice, 'N');

function isSame(what, is, was) {
  let at = 0;
  while (at < is.length && is[at] === was[at]) at++;
  assert.ok(is === was, `${what}: ...${is.slice(Math.max(at - 200, 0), at + 600)}\ninstead of: ...${was.slice(Math.max(at - 20, 0), at + 300)}`);
}

async function findsNothing(desk, it) {
  const other = neverWas(), never = probes(desk, other);
  for await (const [what, answer] of probes(desk, it)) {
    const [, nothing] = (await never.next()).value;
    isSame(`${desk.who}: ${what}`, withoutNumbers(answer, it), withoutNumbers(nothing, other));
  }
  for (const key of [it.nhs, 'Example', `alert:${it.alert}`, `disagreement:${it.disagreement}`, `request:${it.request}`]) {
    const found = await post(desk, '/find', { key, purpose: '1' });
    assert.ok(!names(found.text.replace(/ value="[^"]*"/g, ''), it.alert), `${desk.who} finds ${it.alert} by ${key}:\n${found.text.slice(-1500)}`);
  }
  for (const [path, page] of await everything(desk)) {
    for (const secret of [it.alert, it.nhs]) assert.ok(!names(page.text, secret), `${desk.who}: ${secret} on ${path}`);
  }
}

// An alert with all that can hang on it: on a restricted one no agency can be asked, and nobody told with whom to disagree.
async function secret(stage, what) {
  const it = await stage.concern({ child: stage.child(), rating: 'red', ...what });
  await stage.act('hc-4', it.alert, { claim: {} });
  const notice = `N${it.sequence}`; // of the record that opened it
  if (what.restricted) return { ...neverWas(), ...it, notice };
  const asked = await stage.act('hc-4', it.alert, { request_information: { agency: 'health', question: 'Is Kim Example known?' } });
  const disputed = await stage.act('hc-4', it.alert, { dispute: { with_team: 'health', position: 'Kim Example needs more.' } });
  return { ...it, notice, request: `R${asked.number}`, disagreement: `D${disputed.number}` };
}

const isThere = (desk, alert) => until(`${alert} to be there`, async () => (await get(desk, `/alert/${alert}`)).status === 200);

play((story) => {
  story('who is not cleared finds nothing of a restricted alert, and no page of theirs is another than before', async (stage, at) => {
    const desk = await at('hc-1'), cleared = await at('hc-3');
    await everything(desk); // the first look may begin something
    const before = await everything(desk);
    const it = await secret(stage, { restricted: true });
    await isThere(cleared, it.alert);
    const now = await everything(desk);
    assert.deepEqual([...now.keys()], [...before.keys()]);
    for (const [path, page] of now) isSame(`${desk.who}: ${path}`, JSON.stringify(page), JSON.stringify(before.get(path)));
    await findsNothing(desk, it);
  });

  story('an alert that becomes restricted is gone for who is not cleared', async (stage, at) => {
    const desk = await at('hc-1'), cleared = await at('hc-3');
    const it = await secret(stage, {});
    await isThere(desk, it.alert);
    const again = await stage.do('again', { nhs: it.nhs, restricted: true });
    assert.equal(again.alert, it.alert);
    await until('it to be gone', async () => (await get(desk, `/alert/${it.alert}`)).status === 404);
    await isThere(cleared, it.alert);
    await findsNothing(desk, it);
  });

  story('a person of another team finds nothing of it', async (stage, at) => {
    const it = await secret(stage, {});
    await isThere(await at('hc-1'), it.alert);
    for (const who of ['ha-1', 'ha-4']) await findsNothing(await at(who), it);
  });

  story('who is a party in it finds nothing of it any more', async (stage, at) => {
    const desk = await at('hc-2');
    const it = await secret(stage, {});
    await isThere(desk, it.alert);
    await stage.act('hc-4', it.alert, { declare_party: { staff: 'hc-2' } }, { reason: 'they live next door' });
    await until('it to be gone', async () => (await get(desk, `/alert/${it.alert}`)).status === 404);
    await findsNothing(desk, it);
  });

  story('a person of an agency finds nothing of an alert on their own board, and once asked nothing but the question', async (stage, at) => {
    const health = await stage.do('agency_board');
    const it = await stage.concern({ child: stage.child(), rating: 'red' });
    await stage.act('hc-4', it.alert, { claim: {} });
    const nurse = await at('he-1', 'mouse', health);
    await findsNothing(nurse, { ...neverWas(), ...it });
    const { number } = await stage.act('hc-4', it.alert, { request_information: { agency: 'health', question: 'Is the family known?' } });
    await until('the question to be there', async () => (await get(nurse, `/item/R${number}`)).status === 200);
    assert.equal((await get(nurse, `/alert/${it.alert}`)).status, 404);
    for (const [path, page] of await everything(nurse)) {
      for (const secret of [it.nhs, '1 Feb 2018', 'R-CC-HIGH']) assert.ok(!names(page.text, secret), `${secret} on ${path}`);
    }
  });

  story('who has left, and who only runs the system, open no page about anybody', async (stage, at) => {
    const it = await secret(stage, {});
    const left = await at('hc-90');
    await left.reads('You are not on today\'s roster');
    await left.look('not on the roster');
    const operator = await at('night-operator');
    for (const desk of [left, operator]) {
      for await (const [what, answer] of probes(desk, it)) assert.equal(answer.status, 403, `${desk.who}: ${what}`);
      assert.equal((await get(desk, '/live')).status, 403);
      assert.equal((await post(desk, '/find', { key: it.nhs, purpose: '1' })).status, 403);
      for (const [path, page] of await everything(desk)) {
        for (const name of [it.nhs, 'Kim Example']) assert.ok(!names(page.text, name), `${desk.who}: ${name} on ${path}`);
      }
    }
  });

  story('nobody who has not signed in is told anything', async (stage, at) => {
    const it = await secret(stage, {});
    const nobody = await at(null);
    for (const path of [`/alert/${it.alert}`, '/queue/unclaimed', '/told', '/asked', `/item/${it.notice}`, '/live', '/find', '/shift', '/daily', '/figures', '/figures/csv', '/operators', '/operators/live', '/purpose', `/act/${it.alert}/note`]) {
      const answer = await get(nobody, path);
      assert.deepEqual([answer.status, answer.to], [303, '/sign-in'], path);
    }
  });
});
