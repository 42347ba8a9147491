import { Workers } from '@/features/workers/workers';
import { Shell } from '@/shared/layout/shell';

export default function WorkersPage() {
  return (
    <Shell title="Workers">
      <Workers />
    </Shell>
  );
}
