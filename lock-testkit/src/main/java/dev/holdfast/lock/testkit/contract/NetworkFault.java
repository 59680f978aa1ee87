package dev.holdfast.lock.testkit.contract;

import java.time.Duration;

/** What may happen to the network, and what must come of it. */
enum NetworkFault {
  BLACK_HOLE(
      "black hole, both ways",
      trial -> {
        trial.path().blackHole();
        trial.lossThenGrants();
      }),
  REQUESTS_LOST(
      "black hole for requests",
      trial -> {
        trial.path().loseRequests();
        trial.lossThenGrants();
      }),
  REPLIES_LOST(
      "black hole for replies",
      trial -> {
        trial.path().loseReplies();
        trial.lossThenGrants();
      }),
  CUT(
      "connections reset and refused",
      trial -> {
        trial.path().cut();
        trial.lossThenGrants();
      }),
  BRIEF_BLACK_HOLE(
      "black hole for a moment, then for good",
      trial -> {
        trial.path().blackHole();
        ContractTest.pass(trial.moment());
        trial.path().heal();
        keptThenBlackHole(trial);
      }),
  BRIEF_CUT(
      "connections refused for a moment, then a black hole",
      trial -> {
        trial.path().cut();
        ContractTest.pass(trial.moment());
        trial.path().heal();
        keptThenBlackHole(trial);
      }),
  RESETS(
      "connections reset again and again, then a black hole",
      trial -> {
        Duration gap = trial.betweenResets();
        for (Duration t = Duration.ZERO; t.compareTo(trial.lease()) < 0; t = t.plus(gap)) {
          trial.path().reset();
          ContractTest.pass(gap);
        }
        keptThenBlackHole(trial);
      }),
  REQUESTS_ENDED(
      "connections half-closed by the client's side, then a black hole",
      trial -> {
        trial.path().endRequests();
        keptThenBlackHole(trial);
      }),
  REPLIES_ENDED(
      "connections half-closed by the server's side, then a black hole",
      trial -> {
        trial.path().endReplies();
        keptThenBlackHole(trial);
      }),
  LATE(
      "all delivered late, after the next grant",
      trial -> {
        trial.path().stall();
        trial.lossThenGrants();
        trial.path().heal();
        trial.grantsLast();
      }),
  SLOWER_AND_SLOWER(
      "replies slower and slower, then a black hole",
      trial -> {
        // The last of them, answered or not, is later than the margin: it must not be counted from.
        Duration most = trial.trust().dividedBy(2);
        for (int divisor : new int[] {8, 4, 2, 1}) {
          trial.path().delayReplies(most.dividedBy(divisor));
          ContractTest.pass(most.dividedBy(divisor).plus(trial.period()));
        }
        trial.path().loseRequests();
        trial.lossThenGrants();
      }),
  ACQUIRE_UNANSWERED(
      "replies to acquire lost, then a black hole",
      trial -> {
        trial.acquireWithLostAnswers();
        trial.path().blackHole();
        trial.lossThenGrants();
      }),
  ACQUIRE_GIVEN_UP("replies to acquire lost, and given up", FaultTrial::acquireInVain),
  RELEASE_UNANSWERED("replies to release lost", FaultTrial::releaseWithLostAnswers);

  /** What happens after the locks are held and awaited. */
  interface Script {
    void play(FaultTrial trial) throws Exception;
  }

  final String description;

  @SuppressWarnings("ImmutableEnumChecker") // a lambda without state
  private final Script script;

  NetworkFault(String description, Script script) {
    this.description = description;
    this.script = script;
  }

  void play(NetworkFaultContract contract) throws Exception {
    try (FaultTrial trial = open(contract)) {
      script.play(trial);
    }
  }

  private FaultTrial open(NetworkFaultContract contract) throws Exception {
    return switch (this) {
      case ACQUIRE_UNANSWERED -> FaultTrial.open(description, contract, 1);
      // Long ones, by which to tell what was given back from what has run out.
      case ACQUIRE_GIVEN_UP -> FaultTrial.open(description, contract, 5);
      case BRIEF_BLACK_HOLE,
          BRIEF_CUT,
          RESETS,
          REQUESTS_ENDED,
          REPLIES_ENDED,
          LATE,
          RELEASE_UNANSWERED ->
          FaultTrial.toKeep(description, contract);
      default -> FaultTrial.held(description, contract);
    };
  }

  private static void keptThenBlackHole(FaultTrial trial) throws Exception {
    trial.allKept();
    trial.passARandomPhase();
    trial.path().blackHole();
    trial.lossThenGrants();
  }
}
