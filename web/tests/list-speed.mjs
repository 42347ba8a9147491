// Measures the list of monitors in Chromium, with as many monitors as there are: the
// time to the first rows, frames while scrolling through all of them, how soon what
// somebody does shows (from the event to the next paint, by the Event Timing API), and
// memory.
//
// OPENSEER_URL, OPENSEER_EMAIL and OPENSEER_PASSWORD say where and who. Prints a table.
/* global document, performance, PerformanceObserver, requestAnimationFrame, setTimeout, window */
import console from 'node:console';
import process from 'node:process';

import { chromium } from '@playwright/test';

const { OPENSEER_URL: url, OPENSEER_EMAIL: email, OPENSEER_PASSWORD: password } = process.env;
const rounds = 5;
const slowFrameMs = 50;

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'] });
const page = await browser.newPage({ baseURL: url, viewport: { width: 1280, height: 900 } });
const devTools = await page.context().newCDPSession(page);
const tell = (name, value) => console.log(`| ${name} | ${value} |`);

await page.goto('/sign-in');
await page.getByLabel('E-mail').fill(email);
await page.getByLabel('Password', { exact: true }).fill(password);
await page.getByRole('button', { name: 'Sign in' }).click();
await page.getByRole('heading', { name: 'Overview' }).waitFor();

console.log('| what | figure |\n|---|---|');
const loads = [];
for (let round = 0; round < rounds; round += 1) {
  const began = performance.now();
  await page.goto('/monitors?sort=name');
  await page.locator('[data-monitor]').first().waitFor();
  loads.push(performance.now() - began);
}
tell('the page, from the address to the first rows', ms(loads));
tell('heap with the first page of rows', await heap());

// How often a frame took longer, over a scroll from the top, `step` pixels a frame, to
// the bottom or for as many frames.
async function scroll(name, step, most = Infinity) {
  const { frames, height } = await page.evaluate(
    ([by, most]) =>
      new Promise((done) => {
        window.scrollTo(0, 0);
        const frames = [];
        let last = performance.now();
        let at = -1;
        let still = 0;
        const tick = () => {
          const now = performance.now();
          frames.push(now - last);
          last = now;
          still = window.scrollY === at ? still + 1 : 0;
          at = window.scrollY;
          if (still === 60 || frames.length >= (most ?? Infinity)) done({ frames: frames.slice(0, still === 60 ? -60 : undefined), height: at });
          else {
            window.scrollBy(0, by);
            requestAnimationFrame(tick);
          }
        };
        requestAnimationFrame(tick);
      }),
    [step, most],
  );
  const slow = frames.filter((frame) => frame > slowFrameMs);
  tell(name, `${height} px, ${frames.length} frames, ${slow.length} over ${slowFrameMs} ms (${((slow.length / frames.length) * 100).toFixed(1)} %), longest ${Math.round(Math.max(...frames))} ms`);
}
// A screen a frame: each draws all its rows anew.
await scroll('scrolling through all, a screen a frame, rows still to come', 900);
tell('heap with all rows', await heap());
await scroll('scrolling through all again', 900);
await scroll('scrolling at the speed of a wheel, 120 px a frame', 120, 600);
const nodes = await page.evaluate(() => document.querySelectorAll('*').length);
tell('elements in the document', String(nodes));

// With all rows loaded. Below 16 ms the browser does not tell.
async function shows(name, act) {
  await page.evaluate(() => {
    window.events = [];
    window.observer = new PerformanceObserver((list) => window.events.push(...list.getEntries().map(({ duration }) => duration)));
    window.observer.observe({ type: 'event', durationThreshold: 16 });
  });
  await act();
  const events = await page.evaluate(async () => {
    await new Promise((done) => setTimeout(done, 500));
    window.observer.disconnect();
    return window.events;
  });
  tell(name, events.length === 0 ? 'under 16 ms' : `${Math.max(...events)} ms`);
}
await page.evaluate(() => window.scrollTo(0, 0));
await page.locator('[data-monitor]').first().waitFor();
await shows('choosing a row', () => page.locator('[data-monitor]').first().getByRole('checkbox').click());
await shows('choosing all of them', () => page.getByRole('checkbox').first().click());
await page.getByRole('checkbox').first().click();
await shows('opening a filter', () => page.getByRole('button', { name: 'Tag', exact: true }).click());
await page.keyboard.press('Escape');
const answer = () => page.waitForResponse((response) => response.url().includes('ListMonitors'));
await shows('typing a search, each key', () => page.getByRole('searchbox').pressSequentially('shop', { delay: 120 }));
const asked = performance.now();
await Promise.all([answer(), page.getByRole('combobox').first().selectOption({ index: 2 })]);
tell('another order, until the server has answered', `${Math.round(performance.now() - asked)} ms`);

await browser.close();

async function heap() {
  await devTools.send('HeapProfiler.collectGarbage');
  const { usedSize } = await devTools.send('Runtime.getHeapUsage');
  return `${(usedSize / 2 ** 20).toFixed(1)} MiB`;
}

// Median and worst.
function ms(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return `${Math.round(sorted[sorted.length >> 1])} ms (worst ${Math.round(sorted.at(-1))})`;
}
