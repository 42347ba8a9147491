import { randomUUID } from 'node:crypto';

import { expect, type Page, test as base } from '@playwright/test';

import { startTarget, type Target } from './target';

export interface Account {
  email: string;
  password: string;
}

export function newAccount(): Account {
  return { email: `${randomUUID()}@example.org`, password: `correct horse ${randomUUID()}` };
}

// Each test has its own account and workspace, and its own site to watch.
export const test = base.extend<{ account: Account; target: Target }>({
  // Signed up, and on the page of an empty list.
  account: async ({ page }, provide) => {
    const account = newAccount();
    await signUp(page, account);
    await provide(account);
  },
  // Playwright reads from the pattern what a fixture needs: nothing.
  // eslint-disable-next-line no-empty-pattern
  target: async ({}, provide) => {
    const target = await startTarget();
    await provide(target);
    await target.close();
  },
});

// The same for tests that need an account but do not care which.
export const signedInTest = test.extend<{ signedIn: undefined }>({
  signedIn: [
    async ({ account }, provide) => {
      expect(account.email).not.toBe('');
      await provide(undefined);
    },
    { auto: true },
  ],
});

export { expect };

// `origin` where it is not the configured one.
export async function signUp(page: Page, { email, password }: Account, origin = ''): Promise<void> {
  await page.goto(`${origin}/sign-up`);
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('heading', { name: 'Overview', exact: true })).toBeVisible();
}

export async function signIn(page: Page, { email, password }: Account): Promise<void> {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

// Checked every second; ends on the monitor's page.
export async function addMonitor(page: Page, name: string, url: string, origin = ''): Promise<void> {
  await page.goto(`${origin}/monitors/new`);
  await page.getByLabel('URL').fill(url);
  await page.getByLabel('Name', { exact: true }).fill(name);
  await unfold(page, 'Schedule');
  await page.getByLabel('Interval').fill('1 s');
  await page.getByLabel('Time-out').fill('1 s');
  await page.getByRole('button', { name: 'Add monitor' }).click();
  await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible();
}

// Opens a section of the monitor's form.
export async function unfold(page: Page, section: string): Promise<void> {
  const details = page.locator('details').filter({ has: page.getByRole('heading', { name: section, exact: true }) });
  if ((await details.getAttribute('open')) === null) await details.locator('summary').first().click();
}

// A page listens for keys a moment after it shows.
export async function openPalette(page: Page): Promise<void> {
  await expect(async () => {
    await page.keyboard.press('Control+k');
    await expect(page.getByRole('combobox', { name: /^Go to a monitor/ })).toBeFocused({ timeout: 3000 });
  }).toPass();
}

// The badge in a monitor page's head.
export function stateOf(page: Page) {
  return page.getByTestId('monitor-state');
}

export function resultRows(page: Page) {
  return page.getByRole('table', { name: 'Recent results' }).locator('tbody tr');
}

export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(overflow, `${page.url()} scrolls sideways`).toBeLessThanOrEqual(0);
}
