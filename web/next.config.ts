import type { NextConfig } from 'next';
import { PHASE_DEVELOPMENT_SERVER } from 'next/constants';

// The build is a static export that the control plane serves beside /api. The
// development server stands in for it and passes /api on to a running one.
export default function config(phase: string): NextConfig {
  const shared: NextConfig = {
    reactStrictMode: true,
    poweredByHeader: false,
    outputFileTracingRoot: import.meta.dirname,
    turbopack: { root: import.meta.dirname },
    // Lint checks the types, once; a build need not.
    typescript: { ignoreBuildErrors: true },
  };
  if (phase !== PHASE_DEVELOPMENT_SERVER) return { ...shared, pageExtensions: ['tsx'], output: 'export' };
  const api = process.env.OPENSEER_API ?? 'http://127.0.0.1:3001';
  return {
    ...shared,
    // The pages that only developers see are .ts files.
    pageExtensions: ['tsx', 'ts'],
    // Compression would hold back the messages of a stream.
    compress: false,
    allowedDevOrigins: ['127.0.0.1'],
    rewrites: () => Promise.resolve([{ source: '/api/:path*', destination: `${api}/api/:path*` }]),
  };
}
