import dynamic from 'next/dynamic';

// Only the development server has this page: see pageExtensions in next.config.ts.
export default dynamic(() => import('@/features/design/design-page').then((m) => m.DesignPage), { ssr: false });
