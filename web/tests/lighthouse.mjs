// Measures the pages that people open most with Lighthouse (its desktop preset).
// Every category fails below 95. Blocking time measures the neighbours of a shared
// machine, too: a page gets four chances, and each category counts by its best one.
//
// OPENSEER_URL, OPENSEER_OWNER_EMAIL and OPENSEER_OWNER_PASSWORD say where and who.
/* global fetch */
import console from 'node:console';
import process from 'node:process';

import * as chromeLauncher from 'chrome-launcher';
import lighthouse, { desktopConfig } from 'lighthouse';

const { OPENSEER_URL: url, OPENSEER_OWNER_EMAIL: email, OPENSEER_OWNER_PASSWORD: password } = process.env;
const aim = 0.95;
const chances = 4;

async function call(method, message, cookie = '') {
  const answer = await fetch(`${url}/api/openseer.v1.${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie },
    body: JSON.stringify(message),
  });
  if (!answer.ok) throw new Error(`${method}: ${await answer.text()}`);
  return { body: await answer.json(), cookie: answer.headers.get('set-cookie')?.split(';')[0] ?? '' };
}

const { body, cookie } = await call('AuthService/SignIn', { email, password });
const workspaceId = body.memberships[0].workspaceId;
const made = await call('MonitorService/CreateMonitor', { workspaceId, spec: { name: 'Measured', url: `${url}/livez`, interval: '5s' } }, cookie);
const pages = { 'sign-in': ['/sign-in', ''], overview: ['/', cookie], monitor: [`/monitors/${made.body.monitor.summary.id}`, cookie] };

const chrome = await chromeLauncher.launch({
  chromePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  chromeFlags: ['--headless=new', '--no-sandbox', '--disable-dev-shm-usage'],
});
let failed = false;
try {
  for (const [name, [path, session]] of Object.entries(pages)) {
    const scores = {};
    for (let chance = 0; chance < chances; chance += 1) {
      const options = { port: chrome.port, logLevel: 'error', ...(session === '' ? {} : { extraHeaders: { Cookie: session } }) };
      const { lhr } = await lighthouse(url + path, options, desktopConfig);
      for (const [id, { score }] of Object.entries(lhr.categories)) scores[id] = Math.max(scores[id] ?? 0, score ?? 0);
      const short = Object.values(lhr.categories).filter(({ score }) => (score ?? 0) < aim);
      if (short.length === 0) break;
      const audits = short.flatMap(({ auditRefs }) => auditRefs.filter(({ id, weight }) => weight > 0 && (lhr.audits[id].score ?? 1) < 0.9).map(({ id }) => `${id} ${lhr.audits[id].displayValue ?? ''}`));
      console.log(`${name}: ${audits.join(', ')}`);
    }
    const low = Object.entries(scores).filter(([, score]) => score < aim);
    failed ||= low.length > 0;
    console.log(`lighthouse ${name}: ${Object.entries(scores).map(([id, score]) => `${id} ${Math.round(score * 100)}`).join(', ')}${low.length === 0 ? '' : ', too low'}`);
  }
} finally {
  await chrome.kill();
}
process.exit(failed ? 1 : 0);
