import { Checkbox, FieldGroup } from '@/components/ui/field';
import { LoadFailed } from '@/components/ui/notice';
import { workerClient } from '@/shared/api/client';
import { useLoaded } from '@/shared/api/use-loaded';
import { t } from '@/strings';

const load = async (signal: AbortSignal) => (await workerClient.listRegions({}, { signal })).regions;

interface RegionsFieldProps {
  // Empty: any worker.
  regions: string[];
  error: string | undefined;
  onRegions: (regions: string[]) => void;
}

export function RegionsField({ regions, error, onRegions }: RegionsFieldProps) {
  const { value: known, error: loadError, reload } = useLoaded(load);
  const online = new Map(known?.map((region) => [region.name, region.workersOnline]));
  // A region that the monitor names stays a choice, whatever the list says.
  const names = [...new Set(['global', ...online.keys(), ...regions])];
  const isChosen = (name: string) => regions.includes(name) || (name === 'global' && regions.length === 0);

  const toggle = (name: string, chosen: boolean) => {
    const before = names.filter(isChosen);
    const after = chosen ? [...before, name] : before.filter((other) => other !== name);
    onRegions(after.length === 1 && after[0] === 'global' ? [] : after);
  };

  return (
    <FieldGroup label={t().form.regions} hint={t().form.regionsHint} error={error}>
      {loadError !== '' && <LoadFailed error={loadError} onRetry={reload} />}
      <div className="grid gap-x-4 sm:grid-cols-2">
        {names.map((name) => {
          const workers = online.get(name);
          return (
            <Checkbox
              key={name}
              label={name === 'global' ? t().form.anyWorker : name}
              hint={workers === undefined ? undefined : t().counts.workersOnline(workers)}
              checked={isChosen(name)}
              onChecked={(chosen) => toggle(name, chosen)}
            />
          );
        })}
      </div>
    </FieldGroup>
  );
}
