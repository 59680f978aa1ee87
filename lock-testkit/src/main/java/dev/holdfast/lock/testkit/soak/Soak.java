package dev.holdfast.lock.testkit.soak;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.history.FencedRegisterServer;
import dev.holdfast.lock.testkit.history.Finding;
import dev.holdfast.lock.testkit.history.History;
import dev.holdfast.lock.testkit.history.HistoryPage;
import dev.holdfast.lock.testkit.history.HistoryReport;
import dev.holdfast.lock.testkit.history.Recovery;
import dev.holdfast.lock.testkit.net.FaultProxy;
import dev.holdfast.lock.testkit.net.ProxiedUri;
import dev.holdfast.lock.testkit.server.TestServer;
import dev.holdfast.lock.testkit.soak.FaultKind.Place;
import dev.holdfast.lock.testkit.soak.FaultPlan.Storm;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Several processes use several locks while processes, networks and the store fail by a random
 * plan; then says whether all that happened was allowed to.
 *
 * <p>Checked are exclusion and the order of tokens, one notice per loss, writes to a fenced
 * register, recovery after each storm of faults, and what is left of closed clients: threads,
 * sockets, claims at the store. Ends early when something was found.
 *
 * <p><b>Threads.</b> {@link #run} once, by one thread; {@link #stop} from any.
 */
public final class Soak {

  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration HEAL_LIMIT = Duration.ofSeconds(60);
  private static final long TICK_NANOS = Duration.ofMillis(50).toNanos();

  private final SoakStore store;
  private final SoakOptions options;
  private final Optional<ProxiedUri> proxied;
  private final FaultPlan plan;
  private final List<String> failures = new CopyOnWriteArrayList<>();
  private final List<Finding> findings = new ArrayList<>();
  private volatile boolean stopped;

  /**
   * Prepares a soak; begins nothing.
   *
   * @param store stays open
   * @param options what to do; the lease must be one that the store can
   */
  public Soak(SoakStore store, SoakOptions options) {
    this.store = store;
    this.options = options;
    this.proxied = ProxiedUri.of(store.uri());
    this.plan = FaultPlan.of(options.seed(), options, places());
  }

  private Set<Place> places() {
    Set<Place> places = EnumSet.of(Place.PROCESS);
    proxied.ifPresent(uri -> places.add(Place.NETWORK));
    store.server().filter(TestServer::isControllable).ifPresent(it -> places.add(Place.STORE));
    return places;
  }

  /**
   * The faults to come.
   *
   * @return the same for the same seed, options and kind of store
   */
  public FaultPlan plan() {
    return plan;
  }

  /**
   * How a soak stands.
   *
   * @param elapsed since the first process was ready
   * @param history holds, losses and margins, some seconds old
   * @param faults how many have begun
   * @param active which faults last
   */
  public record Progress(
      Duration elapsed, HistoryReport history, int faults, List<String> active) {}

  static String lockName(int index) {
    return "soak-" + (index + 1);
  }

  static LockClientOptions clientOptions(String name, Duration lease) {
    return LockClientOptions.builder()
        .description(name)
        .lease(lease)
        .operationTimeout(Duration.ofSeconds(1))
        .pollInterval(Duration.ofMillis(500))
        .closeTimeout(Duration.ofSeconds(3))
        .build();
  }

  /** Of those who ask while nothing is broken, and have time: a store may be slow at first. */
  static LockClientOptions patient(Duration lease) {
    return LockClientOptions.builder()
        .description("soak")
        .lease(lease)
        .operationTimeout(Duration.ofSeconds(20))
        .build();
  }

  /** Ends the soak soon, in good order; {@link #run} returns what was seen so far. */
  public void stop() {
    stopped = true;
  }

  /**
   * Runs it.
   *
   * @param progress told about 20 times a second
   * @return what came of it
   * @throws IOException if the folder cannot be written
   * @throws dev.holdfast.lock.LockException if the store cannot be used at all
   */
  public SoakReport run(Consumer<Progress> progress) throws IOException {
    SoakFolder.prepare(options.folder());
    List<Member> members = new ArrayList<>();
    List<FencedRegisterServer> registers = new ArrayList<>();
    try (LockClient first = LockClient.connect(store.uri(), patient(options.lease()));
        History history = History.toFile("soak", SoakFolder.history(options.folder(), "soak"))) {
      first.lock(lockName(0)).holder(); // what is wrong with the store is said here, once
      for (int i = 0; i < options.locks(); i++) {
        registers.add(FencedRegisterServer.start());
      }
      for (int i = 0; i < options.processes(); i++) {
        members.add(member("w" + (i + 1), i, registers, history));
      }
      first.close(); // it would be in the way of the faults of the store
      return new Run(members, registers, history, progress).play();
    } finally {
      members.forEach(Member::close);
      registers.forEach(FencedRegisterServer::close);
    }
  }

  private Member member(
      String name, int index, List<FencedRegisterServer> registers, History history) {
    Optional<FaultProxy> network =
        store.way(index).or(() -> proxied.map(uri -> FaultProxy.to(uri.target())));
    String uri = network.map(proxy -> proxied.orElseThrow().via(proxy)).orElse(store.uri());
    List<Integer> ports = registers.stream().map(it -> it.address().getPort()).toList();
    return new Member(
        name,
        network,
        number ->
            new SoakWorker.Task(
                name,
                uri,
                options.lease(),
                SoakFolder.history(options.folder(), name + "-" + number),
                ports,
                options.seed() * 1000 + index * 100L + number),
        history,
        failures::add);
  }

  /** One run, from the start of the processes to the report. */
  private final class Run {
    private final List<Member> members;
    private final List<FencedRegisterServer> registers;
    private final History history;
    private final Consumer<Progress> progress;
    private final SoakView view = new SoakView(new HistoryTail(options.folder()));
    private final Mischief mischief;
    private final List<String> usage = new ArrayList<>();
    private long start = System.nanoTime();

    Run(
        List<Member> members,
        List<FencedRegisterServer> registers,
        History history,
        Consumer<Progress> progress) {
      this.members = members;
      this.registers = registers;
      this.history = history;
      this.progress = progress;
      this.mischief =
          new Mischief(
              members,
              store.server(),
              lock -> view.holder(lockName(lock - 1)),
              history,
              failures::add);
    }

    SoakReport play() throws IOException {
      members.forEach(Member::start);
      until(
          "the processes to begin", START_LIMIT, () -> members.stream().allMatch(Member::isReady));
      start = System.nanoTime();
      history.note("begins");
      for (Storm storm : plan.storms()) {
        if (goesOn()) {
          play(storm);
        }
      }
      mischief.stop();
      end();
      return report();
    }

    private void play(Storm storm) {
      storm.faults().forEach(fault -> mischief.plan(fault, fault.at().minus(elapsed())));
      Duration last =
          storm.faults().stream()
              .map(fault -> fault.at().plus(fault.length()))
              .max(Duration::compareTo)
              .orElse(Duration.ZERO);
      Duration limit = last.minus(elapsed()).plus(HEAL_LIMIT);
      if (!until("the faults to end: " + mischief.active(), limit, mischief::isOver)) {
        return;
      }
      long calm = System.nanoTime();
      history.note("calm");
      Duration length = FaultPlan.recoveryLimit(options.lease());
      Duration late = Duration.ofNanos(calm - start).minus(last);
      // a store that took its time to start gets the whole calm all the same
      until(storm.end().plus(late), length);
      if (!stopped) {
        view.calm(new Recovery.Calm(calm, System.nanoTime()));
        assess();
      }
    }

    private Duration elapsed() {
      return Duration.ofNanos(System.nanoTime() - start);
    }

    private boolean goesOn() {
      return !stopped && failures.isEmpty() && findings.isEmpty();
    }

    private void until(Duration end, Duration atLeast) {
      long least = System.nanoTime() + atLeast.toNanos();
      while (goesOn() && (elapsed().compareTo(end) < 0 || System.nanoTime() - least < 0)) {
        tick();
      }
    }

    private boolean until(String what, Duration limit, java.util.function.BooleanSupplier done) {
      long end = System.nanoTime() + Await.scaled(limit).toNanos();
      while (goesOn() && !done.getAsBoolean()) {
        if (System.nanoTime() - end > 0) {
          failures.add("waited in vain for " + what);
        }
        tick();
      }
      return goesOn();
    }

    private void tick() {
      LockSupport.parkNanos(TICK_NANOS);
      view.poll();
      members.stream()
          .filter(Member::diedByItself)
          .forEach(member -> failures.add(member.name() + " has ended by itself"));
      progress.accept(new Progress(elapsed(), view.lately(), mischief.count(), mischief.active()));
    }

    /** In a calm all is told that will be. */
    private void assess() {
      view.poll();
      findings.addAll(view.check().findings());
      findings.addAll(view.slowRecoveries(limit()));
      members.forEach(Member::askUsage);
    }

    private Duration limit() {
      return Await.scaled(FaultPlan.recoveryLimit(options.lease()));
    }

    private void end() {
      usage.addAll(members.stream().map(it -> it.name() + " " + it.usage()).toList());
      history.note("ends");
      for (Member member : members) {
        try {
          member.stop().ifPresent(left -> find(Finding.Kind.LEAK, member.name() + " left " + left));
        } catch (AssertionError | java.io.UncheckedIOException e) {
          failures.add(member.name() + " does not end: " + e.getMessage());
        }
      }
      view.poll();
      new Residue(store, options).find().forEach(left -> find(Finding.Kind.RESIDUE, left));
    }

    private void find(Finding.Kind kind, String text) {
      findings.add(new Finding(kind, "", text, List.of()));
    }

    private SoakReport report() throws IOException {
      view.poll();
      HistoryReport checked = view.check();
      List<Finding> all = new ArrayList<>(checked.findings());
      all.addAll(view.slowRecoveries(limit()));
      findings.stream().filter(it -> it.stretch().isEmpty()).forEach(all::add);
      failures.stream()
          .distinct()
          .forEach(it -> all.add(new Finding(Finding.Kind.WORKER, "", it, List.of())));
      long writes = registers.stream().mapToLong(it -> it.register().accepted()).sum();
      long rejected = registers.stream().mapToLong(it -> it.register().rejected()).sum();
      Path picture = SoakFolder.picture(options.folder());
      SoakReport report =
          new SoakReport(
              store.description(),
              options,
              elapsed(),
              mischief.count(),
              checked,
              writes,
              rejected,
              view.recoveries(),
              usage,
              all,
              picture);
      HistoryReport shown =
          new HistoryReport(checked.holds(), checked.losses(), all, checked.margins());
      HistoryPage.of("Soak of " + report.store(), view.events(), shown)
          .fact("lasted", report.elapsed().toSeconds() + " s")
          .fact("seed", Long.toString(options.seed()))
          .fact("faults", Integer.toString(report.faults()))
          .fact("fenced writes", writes + " accepted, " + rejected + " rejected")
          .fact("longest recovery", SoakReport.millis(report.longestRecovery()))
          .write(picture);
      return report;
    }
  }
}
