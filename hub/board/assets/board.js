// What script adds, and nothing that means anything: live updates, time left counted on, a warning before a session ends, the focus of an
// error summary. Every page does all of its work without this file.
const say = (text, urgent) => {
  const place = document.getElementById(urgent ? 'assertive' : 'polite');
  place.textContent = '';
  requestAnimationFrame(() => { place.textContent = text; });
};

document.querySelector('.govuk-error-summary')?.focus();

// ---- time left: by the difference to the page's own instant, never by this machine's clock ----
const page = document.querySelector('[data-now]');
const opened = performance.now();
const hubNow = () => Number(page.dataset.now) + (performance.now() - opened);
const span = (minutes) => {
  const days = Math.floor(minutes / 1440), hours = Math.floor(minutes / 60) % 24;
  return (days ? `${days} d ` : '') + (minutes >= 60 ? `${hours} h ` : '') + `${minutes % 60} min`;
};
const countOn = () => {
  for (const left of document.querySelectorAll('.js-left')) {
    const ms = Number(left.dataset.due) - hubNow();
    const minutes = Math.floor(Math.abs(ms) / 60000);
    const text = ms <= 0 ? `Overdue by ${span(minutes)}` : `${span(minutes)} left`;
    left.replaceChildren(ms <= 0 ? Object.assign(document.createElement('strong'), { textContent: text }) : text);
  }
};
if (page) setInterval(countOn, 15000);

// ---- the session's end: said before it comes, with a way to stay; what is sent after it is kept anyway ----
const WARNING = 300000;
let ending = null;
const endOf = (place) => Number(place.querySelector('.js-session-end')?.dataset.ends);
// How long it has still: another window may have used it. Asking in `part` does not use it.
const lookAtEnd = async (path, how = { redirect: 'manual' }) => {
  const answer = await fetch(path, how).catch(() => null);
  return answer?.ok ? endOf(new DOMParser().parseFromString(await answer.text(), 'text/html')) : 0;
};
const sessionBar = (text, button) => {
  document.querySelector('.board-session')?.remove();
  const bar = document.createElement('div');
  bar.className = 'board-session';
  bar.setAttribute('role', 'region');
  bar.setAttribute('aria-label', 'Your session');
  bar.append(Object.assign(document.createElement('p'), { className: 'govuk-body', textContent: text }));
  if (button) bar.append(button);
  document.body.append(bar);
  say(text, true);
};
const watchEnd = (left) => {
  clearTimeout(ending);
  ending = setTimeout(warnOfEnd, Math.max(left - Math.min(WARNING, left / 3), 0));
};
const warnOfEnd = async () => {
  const left = await lookAtEnd('/purpose?part=end');
  if (left > WARNING) return watchEnd(left);
  if (!left) return sessionBar('Your session has ended. What you send now is kept: sign in again to go on with it.');
  const stay = Object.assign(document.createElement('button'), { className: 'govuk-button', type: 'button', textContent: 'Stay signed in' });
  stay.addEventListener('click', async () => {
    const token = document.querySelector('input[name="token"]').value;
    const now = await lookAtEnd('/session', { method: 'POST', body: new URLSearchParams({ token }) });
    if (now > left) { document.querySelector('.board-session')?.remove(); say('You stay signed in.', false); watchEnd(now); }
    else sessionBar('This session cannot be made longer. What you send after its end is kept: sign in again to go on with it.');
  });
  sessionBar(`Your session ends in ${Math.max(Math.round(left / 60000), 1)} min if you do nothing. What you typed will be kept.`, stay);
  ending = setTimeout(warnOfEnd, left + 1000);
};
if (endOf(document)) watchEnd(endOf(document));

// ---- live updates ----
const list = document.querySelector('[data-live]');
const pause = document.querySelector('.js-pause');
const note = document.querySelector('.js-updates');
const INTERRUPTED = 'Updates are interrupted: this list may be old. Trying again.';
const ANSWER = 20000, SILENCE = 45000, AGAIN = 3000; // the board says something every 15 s
let stream = null, waiting = null, silence = null, paused = false, broken = false, renewals = Promise.resolve(true);

// `here` becomes as `fresh` is, but whatever has the focus stays, the same element in the same place, and only its words change.
const renew = (here, fresh) => {
  const focus = document.activeElement;
  if (!here.contains(focus)) {
    if (!here.isEqualNode(fresh)) here.replaceWith(fresh);
  } else if (here === focus) {
    if (here.textContent !== fresh.textContent) here.textContent = fresh.textContent;
  } else {
    const place = [...here.children].findIndex((child) => child.contains(focus)), kept = here.children[place];
    const twin = kept.dataset.row ? [...fresh.children].find((child) => child.dataset.row === kept.dataset.row) : fresh.children[place];
    const before = [...fresh.childNodes];
    const after = before.splice(twin ? before.indexOf(twin) : place);
    for (const child of [...here.childNodes]) if (child !== kept) child.remove();
    kept.before(...before);
    kept.after(...after.slice(twin ? 1 : 0));
    if (twin) renew(kept, twin); else leaveStanding(kept);
  }
};
// A row that is no longer in the list stays while it has the focus.
const leaveStanding = (row) => {
  if (row.querySelector('.js-gone')) return;
  row.lastElementChild.append(Object.assign(document.createElement('strong'), { className: 'js-gone board-gone', textContent: 'no longer in this list' }));
};
const remark = (text) => {
  if (!note || note.textContent === text) return;
  note.textContent = text;
  note.hidden = !text;
  if (text) say(text, false);
};
const onNotRenewed = () => {
  if (!stream) return;
  broken = true;
  if (!list.dataset.stream) remark(INTERRUPTED); // without the hub there is no operators' page: the stream tells that
  waiting ??= setTimeout(refresh, AGAIN);
};
const within = (time) => { const it = new AbortController(); setTimeout(() => it.abort(), time); return it.signal; };
const renewOnce = async () => {
  waiting = null;
  const answer = await fetch(list.dataset.live, { redirect: 'manual', signal: within(ANSWER) }).catch(() => null);
  if (answer?.type === 'opaqueredirect') {
    quiet();
    remark('Your session has ended: this list is not renewed any more. Sign in again.');
    return false;
  }
  const text = answer?.ok ? await answer.text().catch(() => null) : null;
  if (text === null) {
    onNotRenewed();
    return true;
  }
  for (const part of paused ? [] : new DOMParser().parseFromString(text, 'text/html').querySelectorAll('[data-part]')) {
    const here = document.querySelector(`[data-part="${CSS.escape(part.dataset.part)}"]`);
    if (here) renew(here, part);
  }
  countOn();
  if (stream?.readyState === EventSource.OPEN) onWhole();
  return true;
};
// One after another: on a slow line an older answer that comes late must not stand over a newer one. Gives whether this window may go on asking.
const refresh = () => (renewals = renewals.then(renewOnce).catch(() => { onNotRenewed(); return true; }));
// All windows hear of a change at one instant: they do not all ask at one.
const renewSoon = () => { waiting ??= setTimeout(refresh, Math.random() * 200); };
const announce = (red, others, told) => {
  if (red > 0) say(`${red} new Red ${red === 1 ? 'alert' : 'alerts'}`, true);
  const texts = [];
  if (others > 0) texts.push(`${others} new ${others === 1 ? 'alert' : 'alerts'}`);
  if (told > 0) texts.push(`${told} new ${told === 1 ? 'alarm or notice' : 'alarms or notices'}`);
  if (texts.length > 0) say(texts.join(', '), false);
};
const onWhole = () => {
  if (broken) remark('');
  broken = false;
};
const isMute = () => !stream && !paused && !document.hidden;
const onBroken = (isOver) => {
  broken = true;
  remark(INTERRUPTED);
  if (!isOver) return; // the browser tries by itself
  quiet();
  setTimeout(async () => { if (isMute() && await refresh() && isMute()) listen(); }, AGAIN);
};
// A net that goes without a word leaves the stream open for minutes.
const hear = () => {
  clearTimeout(silence);
  silence = setTimeout(() => onBroken(true), SILENCE);
};
const listen = () => {
  stream = new EventSource(list.dataset.stream ?? '/live');
  hear();
  for (const any of ['open', 'beat', 'alerts', 'hub']) stream.addEventListener(any, hear);
  stream.addEventListener('open', () => { if (broken) refresh(); });
  stream.addEventListener('error', () => onBroken(stream.readyState === EventSource.CLOSED));
  stream.addEventListener('alerts', (event) => {
    const news = JSON.parse(event.data);
    announce(news.red, news.new - news.red, news.told);
    renewSoon();
  });
  stream.addEventListener('hub', (event) => {
    const { away } = JSON.parse(event.data);
    // The operators' page has no part that says so: without the hub there is no such page.
    if (list.dataset.stream) remark(away ? 'This board is cut off from the hub at the moment: what stands here is what was known before.' : '');
    if (!away || !list.dataset.stream) say(away ? 'This board is cut off from the hub at the moment.' : 'The hub is there again.', false);
    renewSoon();
  });
};
const quiet = () => { stream?.close(); stream = null; clearTimeout(silence); clearTimeout(waiting); waiting = null; };
const rowsThere = () => [...document.querySelectorAll('[data-row]')];
// What came while nobody was told of it is told now.
const goOn = async () => {
  const known = new Set(rowsThere().map((row) => row.dataset.row));
  listen();
  if (!await refresh()) return;
  const come = rowsThere().filter((row) => !known.has(row.dataset.row));
  const alerts = come.filter((row) => /^A/.test(row.dataset.row)), told = come.filter((row) => /^[N!]/.test(row.dataset.row));
  const red = alerts.filter((row) => row.querySelector('.govuk-tag--red')).length;
  announce(red, alerts.length - red, told.length);
};
if (list) {
  listen();
  document.addEventListener('visibilitychange', () => { if (document.hidden) quiet(); else if (isMute()) goOn(); });
  if (pause) {
    pause.hidden = false;
    pause.addEventListener('click', () => {
      paused = !paused;
      pause.textContent = paused ? 'Go on with updates' : 'Pause updates';
      remark(paused ? 'Updates are paused: what stands here is as it was when you paused them.' : '');
      if (paused) quiet(); else goOn();
    });
  }
}

// ---- a form is sent once ----
for (const form of document.querySelectorAll('form[method="post"]')) {
  form.addEventListener('submit', (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = 'yes';
    setTimeout(() => { delete form.dataset.sent; }, 3000);
  });
}
