import AxeBuilder from '@axe-core/playwright';
import { type ConsoleMessage, type Page } from '@playwright/test';

import { addMonitor, expect, expectNoSidewaysScroll, newAccount, openPalette, resultRows, signIn, stateOf, test } from './fixtures';

// Every page at three widths and in both themes: pictures in test-results/screens for
// people to look at, no sideways scroll, no error in the console (the content security
// policy refuses nothing), and no accessibility violation in either theme. Then once
// more in German.
const widths = [1920, 390, 1280] as const;
const themes = ['light', 'dark'] as const;
// axe takes a second: one width for each theme, the two that differ most in what they show.
const audited: Readonly<Record<(typeof themes)[number], number>> = { light: 1280, dark: 390 };

const signedOut = ['/sign-in', '/sign-up', '/forgot-password', '/reset-password#nothing', '/invitation#nothing', '/no/such/page'];
const aboutMonitors = ['/', '/monitors', '/monitors?view=grid&group=tag', '/monitors/new'];
const settings = [
  '/workers',
  '/settings',
  '/settings/security',
  '/settings/sessions',
  '/settings/tokens',
  '/settings/members',
  '/settings/audit',
  '/settings/instance',
];

// Screens of their own: one project is enough.
test.skip(({ isMobile }) => isMobile, 'looks at every width itself');

async function look(page: Page, path: string, name: string): Promise<void> {
  const refused: string[] = [];
  const onConsole = (message: ConsoleMessage) => {
    // That a request was refused is no fault of a page's: nobody is signed in, or there is no such page.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) refused.push(message.text());
  };
  const onError = (error: Error) => refused.push(error.message);
  page.on('console', onConsole);
  page.on('pageerror', onError);
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await page.setViewportSize({ width: 1280, height: 900 });
  const response = await page.goto(path);
  // Only another fragment or query is no new page.
  if (response !== null) expect(response.headers()['content-security-policy']).toContain("script-src 'self'");
  await settled(page);
  for (const width of widths) {
    await page.setViewportSize({ width, height: width === 390 ? 844 : 900 });
    await expectNoSidewaysScroll(page);
    for (const theme of themes) {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      await page.screenshot({ path: `test-results/screens/${name}-${width}-${theme}.png`, fullPage: true });
      if (width === audited[theme]) await expectAccessible(page, `${path} at ${width} px, ${theme}`);
    }
  }
  page.off('console', onConsole);
  page.off('pageerror', onError);
  expect(refused, path).toEqual([]);
}

// The language with the longest words, where there is the least and the most room.
async function lookInGerman(page: Page, paths: readonly string[]): Promise<void> {
  await page.evaluate(() => localStorage.setItem('openseer-language', 'de'));
  for (const path of paths) {
    await page.goto('about:blank');
    await page.goto(path);
    await expect(page.locator('html')).toHaveAttribute('lang', 'de');
    await settled(page);
    for (const width of [390, 1280]) {
      await page.setViewportSize({ width, height: width === 390 ? 844 : 900 });
      await expectNoSidewaysScroll(page);
      if (width === 390) await page.screenshot({ path: `test-results/screens/${nameOf(path)}-${width}-de.png`, fullPage: true });
    }
  }
}

// Charts and lists come a moment later than their headings.
async function settled(page: Page): Promise<void> {
  await expect(page.locator('h1').first()).toBeVisible();
  await page.waitForLoadState('load');
  await expect(page.locator('[aria-busy=true], .animate-breathe')).toHaveCount(0);
}

async function expectAccessible(page: Page, what: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
  expect.soft(told, what).toEqual([]);
}

function nameOf(path: string): string {
  return path.replace(/\/monitors\/\d+/, 'monitor').replace(/[#?].*/, path.includes('grid') ? '-grid' : '').replaceAll('/', '-').replace(/^-/, '') || 'overview';
}

test('every page before sign-in', async ({ page }) => {
  test.setTimeout(240_000);
  for (const path of signedOut) await look(page, path, nameOf(path));
  await lookInGerman(page, signedOut);
});

async function signInAsOwner(page: Page): Promise<void> {
  const email = process.env.OPENSEER_OWNER_EMAIL;
  const password = process.env.OPENSEER_OWNER_PASSWORD;
  if (email === undefined || password === undefined) throw new Error('OPENSEER_OWNER_EMAIL and OPENSEER_OWNER_PASSWORD are not set');
  await page.goto('/sign-in');
  await signIn(page, { email, password });
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible();
}

test('every page about monitors', async ({ page, target }) => {
  test.setTimeout(480_000);
  await signInAsOwner(page);
  await addMonitor(page, `Broken ${newAccount().email.slice(0, 8)}`, 'http://127.0.0.1:1/');
  await addMonitor(page, `Healthy ${newAccount().email.slice(0, 8)}`, target.url);
  await expect(stateOf(page)).toHaveText('Up');
  await expect.poll(() => resultRows(page).count()).toBeGreaterThan(2);
  const monitor = new URL(page.url()).pathname;
  await look(page, monitor, 'monitor');
  await look(page, `${monitor}/edit`, 'monitor-edit');
  for (const path of aboutMonitors) await look(page, path, nameOf(path));
  await lookInGerman(page, [monitor, `${monitor}/edit`, ...aboutMonitors]);
});

test('every page of settings', async ({ page }) => {
  test.setTimeout(480_000);
  await signInAsOwner(page);
  for (const path of settings) await look(page, path, nameOf(path));
  await lookInGerman(page, settings);
});

test('what opens over a page is accessible, too', async ({ page, account, target }) => {
  expect(account.email).not.toBe('');
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await addMonitor(page, 'Opened', target.url);
  await expect(resultRows(page).first()).toBeVisible();
  await openPalette(page);
  await expectAccessible(page, 'the command palette');
  await page.keyboard.press('Escape');
  await resultRows(page).first().getByRole('button', { name: 'Details' }).click();
  await expect(page.getByRole('dialog').getByTestId('waterfall')).toBeVisible();
  await expectAccessible(page, 'the evidence');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'More actions' }).click();
  await expect(page.getByRole('menuitem', { name: 'Delete' })).toBeVisible();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await expect(page.getByRole('dialog', { name: 'Delete Opened?' })).toBeVisible();
  await expectAccessible(page, 'the confirmation');
});
