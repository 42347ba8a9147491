import { addMonitor, expect, expectNoSidewaysScroll, signedInTest as test } from './fixtures';

test('the list follows its monitors live', async ({ page, target }) => {
  await addMonitor(page, 'Watched', target.url);
  await page.getByRole('link', { name: 'Monitors' }).click();

  const row = page.getByRole('row').filter({ hasText: 'Watched' });
  await expect(row).toContainText('Up');
  await expect(row.getByRole('img', { name: /none failed/ }).filter({ visible: true })).toBeVisible();
  await expect(page.getByRole('button', { name: '1 Up' })).toBeVisible();

  target.status = 500;
  await expect(row).toContainText('Down');
  await expect(row.getByRole('img', { name: /\d failed/ }).filter({ visible: true })).toBeVisible();
  await expect(page.getByRole('button', { name: '1 Down' })).toBeVisible();
  await expectNoSidewaysScroll(page);
});

test('a counter narrows the list to its state', async ({ page, target }) => {
  await addMonitor(page, 'Healthy', target.url);
  await addMonitor(page, 'Broken', 'http://127.0.0.1:1/');
  await page.getByRole('link', { name: 'Monitors' }).click();
  await expect(page.getByRole('button', { name: '1 Down' })).toBeVisible();
  await page.getByRole('button', { name: '1 Down' }).click();
  await expect(page.getByRole('link', { name: 'Broken' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Healthy' })).toBeHidden();
});

test('a page is one stream, and nothing polls', async ({ page, target }) => {
  await addMonitor(page, 'Quiet', target.url);
  const calls: string[] = [];
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith('/api/')) calls.push(pathname.split('/').pop() ?? '');
  });
  await page.getByRole('link', { name: 'Monitors' }).click();
  await page.getByRole('link', { name: 'Quiet' }).click();
  const rows = page.getByRole('table', { name: 'Recent results' }).locator('tbody tr');
  await expect.poll(() => rows.count()).toBeGreaterThan(4);
  expect(calls).toEqual(['Watch', 'Watch']);
});
