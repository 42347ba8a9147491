import { addMonitor, expect, expectNoSidewaysScroll, resultRows, signedInTest as test, stateOf, unfold } from './fixtures';

// Everything a page shows without a reload has come over its stream.
test.beforeEach(({ page }) => {
  page.on('pageerror', (error) => {
    throw error;
  });
});

test('the first result arrives live, and the chart shows it', async ({ page, target }) => {
  await page.getByRole('link', { name: 'Add monitor' }).click();
  await page.getByLabel('URL').fill(target.url);
  await page.getByLabel('Name', { exact: true }).fill('First');
  await page.getByRole('button', { name: 'Add monitor' }).click();

  await expect(page.getByRole('heading', { name: 'First', level: 1 })).toBeVisible();
  await expect(stateOf(page)).toHaveText('Up', { timeout: 5000 });
  await expect(resultRows(page)).toHaveCount(1);
  await expect(resultRows(page).first()).toContainText('OK');
  await expect(page.getByTestId('waterfall')).toContainText('Total');
  const chart = page.getByTestId('latency-chart');
  await expect(chart).toHaveAttribute('aria-valuetext', /P95 .*0 failed/);
  await expect(chart.locator('canvas')).toBeVisible();
  await expect(page.getByRole('region', { name: 'Uptime' })).toContainText('100 %');
  await expectNoSidewaysScroll(page);
});

test('down and up again show by themselves', async ({ page, target }) => {
  await addMonitor(page, 'Flips', target.url);
  await expect(stateOf(page)).toHaveText('Up');

  target.status = 503;
  await expect(stateOf(page)).toHaveText('Down');
  await expect(resultRows(page).first()).toContainText('Unexpected status');
  await expect(resultRows(page).first()).toContainText('503');
  await expect(page.getByTestId('latency-chart')).toHaveAttribute('data-failed', /[1-9]/);

  target.status = 200;
  await expect(stateOf(page)).toHaveText('Up');
});

test('a reload of the page shows the same monitor', async ({ page, target }) => {
  await addMonitor(page, 'Stays', target.url);
  await page.getByRole('radio', { name: '7 d' }).check();
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Stays', level: 1 })).toBeVisible();
  await expect(page.getByRole('radio', { name: '7 d' })).toBeChecked();
  await expect(stateOf(page)).toHaveText('Up');
});

test('ranges and regions of the chart', async ({ page, target }) => {
  await addMonitor(page, 'Ranges', target.url);
  await expect(stateOf(page)).toHaveText('Up');
  const chart = page.getByTestId('latency-chart');
  for (const range of ['24 h', '7 d', '30 d', '90 d', '1 h']) {
    await page.getByRole('radio', { name: range, exact: true }).check();
    await expect(page.getByTestId('latency-figures')).toHaveAttribute('aria-busy', 'false');
    await expect(chart).toHaveAttribute('data-points', /[1-9]/);
  }
  // One region is no choice.
  await expect(page.getByLabel('By region')).toHaveCount(0);
  await page.getByRole('link', { name: 'Edit' }).click();
  await unfold(page, 'Where from');
  await page.getByRole('checkbox', { name: /^local/ }).check();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByLabel('By region').check();
  const figures = page.getByTestId('latency-figures');
  await expect(figures).toContainText('global');
  await expect(figures).toContainText('local');
  await page.getByRole('radio', { name: 'P50' }).check();
  await expect(chart).toHaveAttribute('aria-valuetext', /local/);
});

test('pause and resume', async ({ page, target }) => {
  await addMonitor(page, 'Rests', target.url);
  await expect(stateOf(page)).toHaveText('Up');

  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(stateOf(page)).toHaveText('Paused');

  // What fails while it rests is seen only once it is resumed.
  target.status = 500;
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(stateOf(page)).toHaveText('Down');
});

test('edit keeps what was not touched', async ({ page, target }) => {
  await addMonitor(page, 'Before', target.url);
  await page.getByRole('link', { name: 'Edit' }).click();
  await expect(page.getByLabel('URL')).toHaveValue(target.url);
  await expect(page.getByLabel('Interval')).toHaveValue('1 s');
  await page.getByLabel('Name', { exact: true }).fill('After');
  await unfold(page, 'What a good answer is');
  await page.getByLabel('Accepted status codes').fill('404');
  await page.getByRole('button', { name: 'Save' }).click();

  await expect(page.getByRole('heading', { name: 'After', level: 1 })).toBeVisible();
  await expect(stateOf(page)).toHaveText('Down');
  target.status = 404;
  await expect(stateOf(page)).toHaveText('Up');
});

test('a sensitive header is sent, never shown, and survives an edit', async ({ page, target }) => {
  await page.goto('/monitors/new');
  await page.getByLabel('URL').fill(target.url);
  await unfold(page, 'Schedule');
  await page.getByLabel('Interval').fill('1 s');
  await page.getByLabel('Time-out').fill('1 s');
  await unfold(page, 'Request');
  await page.getByRole('button', { name: 'Add header' }).click();
  await page.getByLabel('Header 1 name').fill('Authorization');
  await page.getByLabel('Header 1 value').fill('Bearer secret');
  await page.getByLabel('Sensitive').check();
  await page.getByRole('button', { name: 'Add monitor' }).click();
  await expect(stateOf(page)).toHaveText('Up');
  expect(target.headers.authorization).toBe('Bearer secret');

  await page.getByRole('link', { name: 'Edit' }).click();
  await expect(page.getByLabel('Header 1 value')).toHaveValue('');
  await expect(page.getByLabel('Header 1 value')).toHaveAttribute('placeholder', /unchanged/);
  await page.getByRole('button', { name: 'Add header' }).click();
  await page.getByLabel('Header 2 name').fill('X-Round');
  await page.getByLabel('Header 2 value').fill('two');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect.poll(() => target.headers['x-round']).toBe('two');
  expect(target.headers.authorization).toBe('Bearer secret');
});

test('delete asks first', async ({ page, target }) => {
  await addMonitor(page, 'Doomed', target.url);
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete Doomed?' });
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('heading', { name: 'Doomed', level: 1 })).toBeVisible();

  const address = page.url();
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await dialog.getByRole('button', { name: 'Delete monitor' }).click();
  await expect(page.getByRole('heading', { name: 'Monitors', exact: true })).toBeVisible();
  await expect(page.getByText('Watch your first URL')).toBeVisible();
  await page.goto(address);
  await expect(page.getByRole('heading', { name: 'Monitor not found' })).toBeVisible();
});

test('older results load below the live ones', async ({ page, target }) => {
  test.setTimeout(120_000);
  await addMonitor(page, 'Old', target.url);
  await expect(resultRows(page)).toHaveCount(20, { timeout: 40_000 });
  await page.getByRole('button', { name: 'Load older' }).click();
  await expect.poll(() => resultRows(page).count()).toBeGreaterThan(20);
});

test('a failure comes with its evidence', async ({ page, target }) => {
  target.status = 503;
  await addMonitor(page, 'Evident', target.url);
  await expect(stateOf(page)).toHaveText('Down');
  await resultRows(page).first().getByRole('button', { name: 'Details' }).click();
  const sheet = page.getByRole('dialog');
  await expect(sheet).toContainText('Unexpected status');
  await sheet.getByRole('tab', { name: 'Headers' }).click();
  await expect(sheet).toContainText('text/plain');
  await sheet.getByRole('tab', { name: 'Body' }).click();
  await expect(sheet).toContainText('hello');
  await page.keyboard.press('Escape');
  await expect(sheet).toBeHidden();
});

test('check now shows a run at once', async ({ page, target }) => {
  await addMonitor(page, 'Now', target.url);
  await page.getByRole('button', { name: 'Check now' }).click();
  const run = page.getByTestId('run-result');
  await expect(run).toContainText('OK');
  await expect(run.getByTestId('waterfall')).toContainText('Total');
});

test('a duplicate starts as its original', async ({ page, target }) => {
  await addMonitor(page, 'Original', target.url);
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Duplicate' }).click();
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Original (copy)');
  await expect(page.getByLabel('Interval')).toHaveValue('1 s');
  await page.getByRole('button', { name: 'Add monitor' }).click();
  await expect(page.getByRole('heading', { name: 'Original (copy)', level: 1 })).toBeVisible();
});
