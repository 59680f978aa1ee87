package dev.holdfast.lock.testkit.soak;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;

/**
 * When which fault comes: storms of faults, which may overlap, and after each a calm that is long
 * enough to see that all recover. A plan depends on nothing but the arguments of {@link #of}.
 *
 * @param storms one after another
 */
public record FaultPlan(List<Storm> storms) {

  /** The lease that the times below are meant for; with another they grow in proportion. */
  private static final Duration USUAL_LEASE = Duration.ofSeconds(2);

  private static final Duration WARM_UP = Duration.ofSeconds(3);

  /** CONTRACT.md, E2. */
  private static final Duration BEYOND_LEASE = Duration.ofSeconds(5);

  private static final Duration MORE_CALM = Duration.ofSeconds(1);

  /** Three of four faults look for a holder: who holds nothing has little to lose. */
  private static final int AT_HOLDER_PERCENT = 75;

  /**
   * Keeps a copy.
   *
   * @param storms as above
   */
  public FaultPlan {
    storms = List.copyOf(storms);
  }

  /**
   * Some faults, and the calm after them.
   *
   * @param start when the first may come
   * @param end when the next storm may begin; the calm lies before it
   * @param faults by time
   */
  public record Storm(Duration start, Duration end, List<PlannedFault> faults) {

    /**
     * Keeps a copy.
     *
     * @param start as above
     * @param end as above
     * @param faults as above
     */
    public Storm {
      faults = List.copyOf(faults);
    }
  }

  /**
   * Draws a plan.
   *
   * @param seed the same seed, and the same other arguments, give the same plan
   * @param options how long, with which lease, processes and locks
   * @param places where faults are possible
   * @return the plan
   */
  public static FaultPlan of(long seed, SoakOptions options, Set<FaultKind.Place> places) {
    Draw draw = new Draw(new Random(seed), options, places);
    List<Storm> storms = new ArrayList<>();
    Duration calm = recoveryLimit(options.lease()).plus(MORE_CALM);
    Duration start = draw.scaled(WARM_UP);
    while (start.plus(calm).compareTo(options.duration()) < 0) {
      Duration length = draw.between(7_000, 14_000);
      Duration rest = options.duration().minus(start).minus(calm);
      Storm storm = draw.storm(start, length.compareTo(rest) < 0 ? length : rest, calm);
      storms.add(storm);
      start = storm.end();
    }
    return new FaultPlan(storms);
  }

  /**
   * How long it may take until somebody holds a lock after the last fault has healed (E2).
   *
   * @param lease of the locks
   * @return a lease and 5 s
   */
  public static Duration recoveryLimit(Duration lease) {
    return lease.plus(BEYOND_LEASE);
  }

  /**
   * All faults.
   *
   * @return by time
   */
  public List<PlannedFault> faults() {
    return storms.stream().flatMap(storm -> storm.faults().stream()).toList();
  }

  /** Draws everything from one source of random numbers. */
  private record Draw(Random random, SoakOptions options, Set<FaultKind.Place> places) {

    Storm storm(Duration start, Duration length, Duration calm) {
      List<PlannedFault> faults = new ArrayList<>();
      Duration last = start;
      Duration at = start;
      while (at.compareTo(start.plus(length)) < 0) {
        PlannedFault fault = fault(at);
        faults.add(fault);
        Duration healed = at.plus(fault.length());
        last = healed.compareTo(last) > 0 ? healed : last;
        // every fourth comes with the one before, or nearly so
        at = at.plus(chance(25) ? between(1, 100) : between(300, 2_500));
      }
      return new Storm(start, last.plus(calm), faults);
    }

    private PlannedFault fault(Duration at) {
      FaultKind kind = kind();
      int lock = chance(AT_HOLDER_PERCENT) ? 1 + random.nextInt(options.locks()) : 0;
      int process = 1 + random.nextInt(options.processes());
      return new PlannedFault(at, kind, lock, process, length(kind));
    }

    private FaultKind kind() {
      int dice = random.nextInt(100);
      FaultKind.Place place =
          dice < 12
              ? FaultKind.Place.STORE
              : dice < 50 ? FaultKind.Place.PROCESS : FaultKind.Place.NETWORK;
      // drawn in any case, so that what follows does not depend on the places
      int number = random.nextInt(1 << 20);
      Set<FaultKind> kinds = kinds(kind -> kind.place() == place && places.contains(place));
      List<FaultKind> choice =
          weighted(kinds.isEmpty() ? kinds(kind -> places.contains(kind.place())) : kinds);
      return choice.get(number % choice.size());
    }

    /** Those that cost locks come more often than those that a client shrugs off. */
    private static List<FaultKind> weighted(Set<FaultKind> kinds) {
      List<FaultKind> all = new ArrayList<>();
      for (FaultKind kind : kinds) {
        int weight =
            switch (kind) {
              case SILENCE, SILENT_REQUESTS, FREEZE -> 3;
              case STALL, CUT, KILL -> 2;
              default -> 1;
            };
        all.addAll(Collections.nCopies(weight, kind));
      }
      return all;
    }

    private static Set<FaultKind> kinds(Predicate<FaultKind> wanted) {
      Set<FaultKind> kinds = EnumSet.allOf(FaultKind.class);
      kinds.removeIf(wanted.negate());
      return kinds;
    }

    /** Some shorter than what a lock survives, some longer than its lease. */
    private Duration length(FaultKind kind) {
      return switch (kind) {
        case RESET, HALF_CLOSE -> between(50, 200);
        case DELAY -> between(1_000, 5_000);
        case PAUSE_STORE -> between(100, 3_000);
        case KILL_STORE, STOP_STORE -> between(10, 1_000);
        case KILL -> between(10, 1_500);
        default -> between(100, 4_500);
      };
    }

    Duration between(int leastMillis, int mostMillis) {
      return scaled(Duration.ofMillis(leastMillis + random.nextInt(mostMillis - leastMillis)));
    }

    Duration scaled(Duration duration) {
      long percent = Math.max(100, 100 * options.lease().toMillis() / USUAL_LEASE.toMillis());
      return duration.multipliedBy(percent).dividedBy(100);
    }

    private boolean chance(int percent) {
      return random.nextInt(100) < percent;
    }
  }
}
