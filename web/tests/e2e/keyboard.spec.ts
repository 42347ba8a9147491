import { addMonitor, expect, openPalette, signedInTest as test } from './fixtures';

test.skip(({ isMobile }) => isMobile, 'phones have no keyboard');

test('the palette goes anywhere', async ({ page, target }) => {
  await addMonitor(page, 'Needle', target.url);
  await page.goto('/');
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible();
  await openPalette(page);
  await page.keyboard.type('need');
  await expect(page.getByRole('option', { name: /Needle/, selected: true })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Needle', level: 1 })).toBeVisible();
});

test('two keys lead to a page, one to what the keys are', async ({ page }) => {
  await page.keyboard.press('g');
  await page.keyboard.press('m');
  await expect(page.getByRole('heading', { name: 'Monitors', exact: true })).toBeVisible();
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await page.keyboard.press('c');
  await expect(page.getByLabel('URL')).toBeFocused();
});

test('a monitor is added without a pointer', async ({ page, target }) => {
  await page.keyboard.press('c');
  await expect(page.getByLabel('URL')).toBeFocused();
  await page.keyboard.type(target.url);
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('monitor-state')).toHaveText('Up');
});

test('the first stop leads past the navigation', async ({ page }) => {
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();
});

test('arrow keys tell a chart’s numbers', async ({ page, target }) => {
  await addMonitor(page, 'Charted', target.url);
  const chart = page.getByTestId('latency-chart');
  await expect(chart).toHaveAttribute('data-points', /[1-9]/);
  await chart.focus();
  await page.keyboard.press('Home');
  await expect(chart).toHaveAttribute('aria-valuenow', '0');
  await expect(chart).toHaveAttribute('aria-valuetext', /P50 .*P|P99 .*P/);
});
