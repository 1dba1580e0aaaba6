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
    left.textContent = ms <= 0 ? `Overdue by ${span(minutes)}` : `${span(minutes)} left`;
  }
};
if (page) setInterval(countOn, 15000);

// ---- the session's end: said five minutes before, with a way to stay that leaves this page as it is. What is typed is kept in any case ----
const end = document.querySelector('.js-session-end');
const WARN_MS = 5 * 60 * 1000;
const bar = document.createElement('div');
const offer = () => {
  const who = document.querySelector('.board-who');
  const content = document.createElement('div'), text = document.createElement('p'), stay = document.createElement('button');
  bar.className = 'moj-alert moj-alert--warning board-no-print';
  bar.setAttribute('role', 'region');
  bar.setAttribute('aria-label', 'Your session');
  content.className = 'moj-alert__content';
  text.textContent = `Your session ends at ${end.textContent} if you do nothing. What you typed will be kept for you.`;
  stay.type = 'button';
  stay.className = 'govuk-button govuk-button--secondary';
  stay.textContent = 'Stay signed in';
  stay.addEventListener('click', async () => {
    const token = who.querySelector('input[name="token"]').value;
    const answer = await fetch('/session', { method: 'POST', body: new URLSearchParams({ token }) }).catch(() => null);
    const fresh = answer?.ok ? new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('.js-session-end') : null;
    if (fresh) {
      end.textContent = fresh.textContent;
      end.dataset.ends = fresh.dataset.ends;
    }
    const stays = fresh && Number(fresh.dataset.ends) > WARN_MS;
    text.textContent = stays ? `You stay signed in until ${end.textContent}.`
      : 'You cannot be kept signed in for longer: sign in again. What you typed will be kept for you.';
    say(text.textContent, false);
    if (stays) warnLater();
  });
  content.replaceChildren(text, stay);
  bar.replaceChildren(content);
  who.after(bar);
  say('Your session ends in 5 minutes if you do nothing. What you typed will be kept for you.', false);
};
const warnLater = () => setTimeout(offer, Math.max(0, Number(end.dataset.ends) - WARN_MS));
if (end) warnLater();

// ---- live updates ----
const list = document.querySelector('[data-live]');
const pause = document.querySelector('.js-pause');
let stream = null, waiting = null, paused = false;
const refresh = async () => {
  waiting = null;
  const answer = await fetch(list.dataset.live, { headers: { Accept: 'text/html' }, redirect: 'error' }).catch(() => null);
  if (!answer || !answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const held = document.activeElement?.closest?.('[data-row]')?.dataset.row;
  for (const part of fresh.querySelectorAll('[data-part]')) {
    const here = document.querySelector(`[data-part="${CSS.escape(part.dataset.part)}"]`);
    if (!here) continue;
    // A row that has the focus stays as it is, where it is: the focus never moves.
    const kept = held && here.querySelector(`[data-row="${CSS.escape(held)}"]`);
    if (kept && part.querySelector(`[data-row="${CSS.escape(held)}"]`)) {
      const twin = part.querySelector(`[data-row="${CSS.escape(held)}"]`);
      const before = [], after = [];
      let passed = false;
      for (const row of [...part.children]) { if (row === twin) passed = true; else (passed ? after : before).push(row); }
      for (const row of [...here.children]) if (row !== kept) row.remove();
      kept.before(...before);
      kept.after(...after);
    } else if (!kept) {
      here.replaceChildren(...part.childNodes);
    }
  }
  countOn();
};
const listen = () => {
  stream = new EventSource('/live');
  stream.addEventListener('alerts', (event) => {
    const news = JSON.parse(event.data);
    if (news.red > 0) say(`${news.red} new Red ${news.red === 1 ? 'alert' : 'alerts'}`, true);
    else if (news.new > 0) say(`${news.new} new ${news.new === 1 ? 'alert' : 'alerts'}`, false);
    if (!waiting) waiting = setTimeout(refresh, 200);
  });
};
const quiet = () => { stream?.close(); stream = null; };
if (list) {
  listen();
  document.addEventListener('visibilitychange', () => { if (document.hidden) quiet(); else if (!stream && !paused) { listen(); refresh(); } });
  if (pause) {
    pause.hidden = false;
    pause.addEventListener('click', () => {
      paused = !paused;
      pause.setAttribute('aria-pressed', String(paused));
      pause.textContent = paused ? 'Go on with updates' : 'Pause updates';
      if (paused) quiet(); else { listen(); refresh(); }
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
