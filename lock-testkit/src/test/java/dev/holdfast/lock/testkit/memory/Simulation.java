package dev.holdfast.lock.testkit.memory;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.spi.LockView;
import dev.holdfast.lock.testkit.VirtualTime;
import dev.holdfast.lock.testkit.memory.MemoryStore.Mode;
import dev.holdfast.lock.testkit.memory.SimulatedBackend.Defect;
import dev.holdfast.lock.testkit.memory.SimulatedNetwork.Weather;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One schedule: a seed decides how many clients want the same few names, how bad their networks and
 * clocks are, when they are cut off and stopped, and how long they hold what they get. Oracles
 * stand at the store: at the instant of every grant nobody else may hold the name, and whoever did
 * must have been told (CONTRACT.md, X1, L1, L2, F1, F2). After the weather has cleared everybody
 * must get every name again (W1, E2), and nothing may be left at the store when all have gone.
 */
final class Simulation {

  private static final Duration LEASE = Duration.ofSeconds(2);
  private static final Duration STORM = Duration.ofSeconds(20);
  private static final Duration STEP = Duration.ofMillis(100);
  private static final String[] NAMES = {"a", "b"};

  /** What one schedule amounted to. */
  record Outcome(long grants, long losses, long handles) {}

  /** A rule was broken: the seed reproduces it. */
  static final class Broken extends AssertionError {
    private static final long serialVersionUID = 1L;

    Broken(long seed, Mode mode, String what, List<String> history) {
      super(
          "seed %d, %s: %s%n  %s"
              .formatted(
                  seed,
                  mode,
                  what,
                  String.join(
                      System.lineSeparator() + "  ",
                      history.subList(Math.max(0, history.size() - 25), history.size()))));
    }
  }

  /** A handle, and what its owner was told of it. */
  private static final class Held {
    final Node node;
    final LockHandle handle;
    final long token;
    int notices;
    boolean released;

    Held(Node node, LockHandle handle) {
      this.node = node;
      this.handle = handle;
      this.token = handle.fencingToken();
    }
  }

  private static final class Node {
    final SimulatedProcess process;
    final SimulatedNetwork network;
    final LockClient client;
    final Map<String, Integer> grants = new HashMap<>();

    Node(SimulatedProcess process, SimulatedNetwork network, LockClient client) {
      this.process = process;
      this.network = network;
      this.client = client;
    }
  }

  private final long seed;
  private final Random random;
  private final Defect defect;
  private final VirtualTime time;
  private final MemoryStore store;
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, List<Held>> handles = new HashMap<>();
  private final Map<String, Long> lastToken = new HashMap<>();
  private final List<String> history = new ArrayList<>();
  private boolean wanting = true;

  /** Kept until the step is over: what is thrown inside a callback would be swallowed. */
  private @Nullable Broken broken;

  private int wishes;
  private long grants;
  private long losses;
  private long made;

  Simulation(long seed, Mode mode, Defect defect) {
    this.seed = seed;
    this.random = new Random(seed);
    this.defect = defect;
    this.time = new VirtualTime(seed);
    this.store = MemoryStore.create(mode, time.ticker(rate()));
    for (int i = 0; i < 2 + random.nextInt(2); i++) {
      nodes.add(node(i));
    }
  }

  /**
   * One per cent off at most: ten times what a bad quartz is, a tenth of what the margin covers.
   */
  private double rate() {
    return 1 + (random.nextDouble() - 0.5) / 50;
  }

  private Node node(int number) {
    SimulatedProcess process = new SimulatedProcess(time, rate());
    Weather weather = Weather.random(random, LEASE.toNanos());
    SimulatedNetwork network = new SimulatedNetwork(time, process, random, weather);
    LockClientOptions options =
        LockClientOptions.builder()
            .lease(LEASE)
            .operationTimeout(Duration.ofMillis(500))
            .description("client-" + number)
            .environment(process.environment())
            .build();
    return new Node(
        process,
        network,
        LockClient.over(
            context -> new SimulatedBackend(store, context, network, this::atStore, defect),
            options));
  }

  Outcome run() {
    for (Node node : nodes) {
      for (String name : NAMES) {
        for (int thread = 0; thread < 1 + random.nextInt(2); thread++) {
          want(node, name);
        }
      }
    }
    for (long t = 0; t < STORM.toNanos(); t += STEP.toNanos()) {
      disturb();
      advance(STEP);
    }
    clearUp();
    everybodyGetsEverything();
    leaveNothing();
    return new Outcome(grants, losses, made);
  }

  // What clients do.

  private void want(Node node, String name) {
    if (!wanting) {
      return;
    }
    CompletableFuture<LockHandle> wish = node.client.lock(name).acquireAsync();
    wishes++;
    var unused =
        wish.whenComplete(
            (handle, failure) -> {
              wishes--;
              if (handle != null) {
                got(node, name, handle);
              } else {
                later(node, random.nextInt(50), () -> want(node, name));
              }
            });
    if (random.nextInt(4) == 0) {
      later(node, random.nextInt(1_000), () -> wish.cancel(false));
    }
  }

  private void got(Node node, String name, LockHandle handle) {
    made++;
    Held held = new Held(node, handle);
    note("%s is given '%s' #%d".formatted(who(node), name, held.token));
    for (Held other : handles.computeIfAbsent(name, unknown -> new ArrayList<>())) {
      check(
          !(handle.isHeld() && other.handle.isHeld()),
          "X1: two hold '%s': #%d and #%d".formatted(name, held.token, other.token));
    }
    handles.get(name).add(held);
    node.grants.merge(name, 1, Integer::sum);
    handle.onLost(
        loss -> {
          losses++;
          held.notices++;
          note(
              "%s is told that '%s' #%d is lost: %s"
                  .formatted(who(node), name, held.token, loss.reason()));
          check(!handle.isHeld(), "L2: held in its own loss notice");
          check(held.notices == 1, "L2: told twice");
          check(!held.released, "L2: told after its release");
        });
    long hold = random.nextInt(3) == 0 ? random.nextInt(6_000) : random.nextInt(50);
    later(node, hold, () -> letGo(held, name));
  }

  private void letGo(Held held, String name) {
    note("%s releases '%s' #%d".formatted(who(held.node), name, held.token));
    held.released = held.handle.isHeld();
    var unused = held.handle.releaseAsync();
    check(!held.handle.isHeld(), "A6: held after its release");
    check(held.handle.fencingToken() == held.token, "F2: the token changed");
    handles.get(name).remove(held);
    later(held.node, random.nextInt(20), () -> want(held.node, name));
  }

  private void later(Node node, long millis, Runnable what) {
    var unused = node.process.schedule(what, millis, TimeUnit.MILLISECONDS);
  }

  // What happens to them.

  private void disturb() {
    Node node = nodes.get(random.nextInt(nodes.size()));
    switch (random.nextInt(30)) {
      case 0 -> {
        node.network.cut = true;
        note(who(node) + " is cut off");
      }
      case 1, 2 -> {
        node.network.cut = false;
        note(who(node) + " is connected");
      }
      case 3 -> {
        node.process.stop();
        note(who(node) + " is stopped");
      }
      case 4, 5 -> resume(node);
      default -> {
        // most of the time nothing happens
      }
    }
  }

  private void resume(Node node) {
    note(who(node) + " goes on");
    node.process.resume();
  }

  // What must hold.

  /** After every step of the store: is there a new grant, and was its predecessor told? */
  private void atStore() {
    for (String name : NAMES) {
      LockView view = store.inspect(name);
      long token = view.holder().map(holder -> holder.fencingToken().orElse(0)).orElse(0L);
      long last = lastToken.getOrDefault(name, 0L);
      if (token != 0 && token != last) {
        grants++;
        note("the store grants '%s' #%d".formatted(name, token));
        check(token > last, "F1: #%d granted after #%d".formatted(token, last));
        lastToken.put(name, token);
        granted(name, token);
      }
    }
  }

  private void granted(String name, long token) {
    for (Held held : List.copyOf(handles.getOrDefault(name, List.of()))) {
      if (held.token != token) {
        boolean told = held.notices > 0 || held.node.process.isStopped();
        check(told, "L1: #%d granted before #%d was told".formatted(token, held.token));
        check(
            !held.handle.isHeld(),
            "L1: #%d still held at the grant of #%d".formatted(held.token, token));
      }
    }
  }

  private void clearUp() {
    note("the weather clears");
    for (Node node : nodes) {
      node.network.cut = false;
      node.network.weather = Weather.CALM;
      resume(node);
    }
    // Stragglers come in, and leases that nobody renews end.
    advance(LEASE.multipliedBy(4));
  }

  private void everybodyGetsEverything() {
    nodes.forEach(node -> node.grants.clear());
    int patience = store.mode() == Mode.QUEUE ? 600 : 100;
    for (int i = 0; i < patience && !allServed(); i++) {
      advance(STEP);
    }
    // A polled store promises no order: there the last one is served when the others have gone.
    check(
        store.mode() == Mode.POLLED || allServed(),
        "W1: somebody starved for a minute after all was well");
    advance(Duration.ZERO);
  }

  private boolean allServed() {
    return nodes.stream().allMatch(node -> node.grants.keySet().containsAll(List.of(NAMES)));
  }

  private void leaveNothing() {
    wanting = false;
    advance(Duration.ofSeconds(40));
    check(wishes == 0, "W1: " + wishes + " wait for ever though nobody else wants it");
    check(store.residue() == 0, "R3: left at the store: " + store.residue());
    advance(Duration.ZERO);
  }

  private void check(boolean condition, String what) {
    if (!condition && broken == null) {
      broken = new Broken(seed, store.mode(), what, history);
    }
  }

  private void advance(Duration by) {
    time.advance(by);
    if (broken != null) {
      throw broken;
    }
  }

  private void note(String event) {
    history.add("%9.3f  %s".formatted(time.now() / 1e9, event));
  }

  private String who(Node node) {
    return "client-" + nodes.indexOf(node);
  }
}
