import AxeBuilder from '@axe-core/playwright';

import { addMonitor, expect, expectNoSidewaysScroll, newAccount, resultRows, signIn, stateOf, test } from './fixtures';

// Every page in both themes: no accessibility violation, nothing that the content
// security policy refuses, no sideways scroll, and a picture at three widths in
// test-results/screens for people to look at.
const widths = [390, 1280, 1920];
const themes = ['light', 'dark'] as const;

const signedOut = ['/sign-in', '/sign-up', '/forgot-password', '/reset-password#nothing', '/invitation#nothing', '/no/such/page'];
const signedIn = [
  '/',
  '/monitors',
  '/monitors?view=grid&group=tag',
  '/monitors/new',
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

async function look(page: import('@playwright/test').Page, path: string, theme: (typeof themes)[number], name: string): Promise<void> {
  const refused: string[] = [];
  page.on('console', (message) => {
    if (/content security policy/i.test(message.text())) refused.push(message.text());
  });
  page.on('pageerror', (error) => refused.push(error.message));
  await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
  await page.setViewportSize({ width: 1280, height: 900 });
  const response = await page.goto(path);
  expect(response?.headers()['content-security-policy']).toContain("script-src 'self'");
  await expect(page.locator('h1').first()).toBeVisible();
  // Charts and lists come a moment later than their headings.
  await page.waitForLoadState('load');
  await expect(page.locator('[aria-busy=true], .animate-breathe')).toHaveCount(0);
  for (const width of widths) {
    await page.setViewportSize({ width, height: width === 390 ? 844 : 1080 });
    await expectNoSidewaysScroll(page);
    await page.screenshot({ path: `test-results/screens/${name}-${width}-${theme}.png`, fullPage: true });
    if (width === 1920) continue;
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`), `${path} at ${width} px, ${theme}`).toEqual([]);
  }
  expect(refused, path).toEqual([]);
}

function nameOf(path: string): string {
  return path.replace(/[#?].*/, path.includes('grid') ? '-grid' : '').replaceAll('/', '-').replace(/^-/, '') || 'overview';
}

for (const theme of themes) {
  test(`every page before sign-in, ${theme}`, async ({ page }) => {
    for (const path of signedOut) await look(page, path, theme, nameOf(path));
  });

  test(`every page behind the sign-in, ${theme}`, async ({ page, target }) => {
    test.setTimeout(150_000);
    const email = process.env.OPENSEER_OWNER_EMAIL;
    const password = process.env.OPENSEER_OWNER_PASSWORD;
    if (email === undefined || password === undefined) throw new Error('OPENSEER_OWNER_EMAIL and OPENSEER_OWNER_PASSWORD are not set');
    await page.goto('/sign-in');
    await signIn(page, { email, password });
    await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible();
    await addMonitor(page, `Broken ${newAccount().email.slice(0, 8)}`, 'http://127.0.0.1:1/');
    await addMonitor(page, `Healthy ${newAccount().email.slice(0, 8)}`, target.url);
    await expect(stateOf(page)).toHaveText('Up');
    await expect.poll(() => resultRows(page).count()).toBeGreaterThan(2);
    const monitor = new URL(page.url()).pathname;
    for (const path of signedIn) await look(page, path, theme, nameOf(path));
    await look(page, monitor, theme, 'monitor');
    await look(page, `${monitor}/edit`, theme, 'monitor-edit');
  });
}

test('what opens over a page is accessible, too', async ({ page, account, target }) => {
  expect(account.email).not.toBe('');
  const clean = async (what: string) => {
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`), what).toEqual([]);
  };
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await addMonitor(page, 'Opened', target.url);
  await expect(resultRows(page).first()).toBeVisible();
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox', { name: 'Go to a monitor' })).toBeFocused();
  await clean('the command palette');
  await page.keyboard.press('Escape');
  await resultRows(page).first().getByRole('button', { name: 'Details' }).click();
  await expect(page.getByRole('dialog').getByTestId('waterfall')).toBeVisible();
  await clean('the evidence');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'More actions' }).click();
  await expect(page.getByRole('menuitem', { name: 'Delete' })).toBeVisible();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await expect(page.getByRole('dialog', { name: 'Delete Opened?' })).toBeVisible();
  await clean('the confirmation');
});
