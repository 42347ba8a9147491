import { defineConfig, devices } from '@playwright/test';

// The stack under test is started outside: OPENSEER_URL is where its pages
// are, with sign-up open and a worker that may check loopback addresses.
// OPENSEER_OWNER_EMAIL and OPENSEER_OWNER_PASSWORD are the account that owns it.
const baseURL = process.env.OPENSEER_URL;
if (baseURL === undefined) throw new Error('OPENSEER_URL is not set: where is the stack to test?');

const phone = { viewport: { width: 375, height: 812 }, hasTouch: true, isMobile: true };

export default defineConfig({
  testDir: 'tests/e2e',
  fullyParallel: true,
  workers: 2,
  forbidOnly: true,
  // Shared CI machines stall for seconds; a second try is reported as flaky, with its trace.
  retries: 1,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [['list']],
  use: {
    baseURL,
    trace: 'on-first-retry',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
    },
  },
  projects: [
    { name: 'desktop', use: { ...devices['Desktop Chrome'] } },
    // What looks or works otherwise on a phone; the rest is the same code.
    { name: 'phone', testMatch: /(form|list|monitor|owner|pages)\.spec\.ts$/, use: { ...devices['Desktop Chrome'], ...phone } },
  ],
});
