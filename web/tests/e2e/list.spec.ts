import { addMonitor, expect, expectNoSidewaysScroll, signedInTest as test } from './fixtures';

test('the list follows its monitors live', async ({ page, target }) => {
  await addMonitor(page, 'Watched', target.url);
  await page.goto('/monitors');

  const row = page.getByRole('row').filter({ hasText: 'Watched' });
  await expect(row).toContainText('Up');

  target.status = 500;
  await expect(row).toContainText('Down');
  await expectNoSidewaysScroll(page);
});

test('a view is in its address', async ({ page, target }) => {
  await addMonitor(page, 'Healthy', target.url);
  await addMonitor(page, 'Broken', 'http://127.0.0.1:1/');
  await page.goto('/');
  await page.getByRole('list', { name: 'Monitors by state' }).getByRole('link', { name: /Down/ }).click();
  await expect(page).toHaveURL(/state=down/);
  await expect(page.getByRole('link', { name: 'Broken' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Healthy' })).toBeHidden();

  await page.goto('/monitors?q=health&view=grid');
  await expect(page.getByRole('link', { name: 'Healthy' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Broken' })).toBeHidden();
  await page.getByLabel('Find by name or URL').fill('nothing such');
  await expect(page.getByText('No monitor matches.')).toBeVisible();
  await expect(page).toHaveURL(/q=nothing/);
});

test('many are paused, tagged and deleted at once', async ({ page, target }) => {
  await addMonitor(page, 'One', target.url);
  await addMonitor(page, 'Two', target.url);
  await page.goto('/monitors?sort=name');
  await page.getByLabel('Select One').check();
  await page.getByLabel('Select Two').check();

  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByRole('row').filter({ hasText: 'One' })).toContainText('Paused');
  await expect(page.getByRole('row').filter({ hasText: 'Two' })).toContainText('Paused');

  await page.getByRole('button', { name: 'Tags', exact: true }).click();
  await page.getByLabel('New tag').fill('night');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(page.getByRole('dialog')).toBeHidden();
  await page.goto('/monitors?tag=night');
  await expect(page.getByRole('row').filter({ hasText: 'Two' })).toBeVisible();

  await page.getByLabel('Select One').check();
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByRole('row').filter({ hasText: 'One' })).toBeHidden();
  await expect(page.getByRole('row').filter({ hasText: 'Two' })).toBeVisible();
});
