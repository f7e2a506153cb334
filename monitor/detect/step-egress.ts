import type { EgressObservation } from '../model/observation.ts';
import type { ContainerWatch } from './container-watch.ts';
import { noteNames } from './dns/name-alarm.ts';
import { noteBreach } from './egress-open.ts';
import { noteFirstContacts } from './egress/first-contact.ts';
import { answeredPlaces, isNewlyWatched } from './egress/learned-places.ts';
import { holdsVolumes, noteVolumes } from './egress/place-volume.ts';
import { noteReach } from './egress/reach.ts';
import type { LearnedBaseline } from './learned.ts';
import { learningOf } from './learning.ts';
import { mistrustedSince } from './open-findings.ts';
import { noteDestinations } from './port-scan.ts';
import type { DetectSettings } from './settings.ts';

/** Takes what was seen of a container's egress at one look. True when it leads to anything now. */
export function stepEgress(
  watch: ContainerWatch,
  baseline: LearnedBaseline,
  observation: EgressObservation,
  settings: DetectSettings,
): boolean {
  const { at, names, destinations, breach } = observation;
  const { profile } = baseline;
  const learning = learningOf(baseline, settings).state === 'learning';
  const learns = mistrustedSince(watch.findings, at) === undefined;
  watch.lifecycle.egressBreach = noteBreach(watch.lifecycle.egressBreach, observation);
  noteNames(watch.names, profile, names, at, { learning, learns });
  noteDestinations(watch.scan, observation);
  noteReach(watch.reach, observation);
  const places = answeredPlaces(destinations);
  noteFirstContacts(watch.contacts, profile.places, observation, learns, places);
  const { budget, volumes } = profile;
  const how = {
    budget,
    learning: learning || isNewlyWatched(profile.places, at, settings.learnMs),
    upload: watch.upload,
    learns,
    findings: watch.findings,
  };
  noteVolumes(watch.volumes, volumes, observation, how, places);
  return breach !== undefined || holdsEgress(watch);
}

function holdsEgress({ names, scan, reach, contacts, volumes }: ContainerWatch): boolean {
  const held = names.held.size + reach.held.size + contacts.held.size;
  return held > 0 || scan.found !== undefined || holdsVolumes(volumes);
}
