package dev.holdfast.lock.redis;

import java.time.Duration;
import java.util.List;

/** All scripts of one client. */
record Scripts(
    Script claim,
    Script release,
    Script handOver,
    Script watch,
    Script keep,
    Script inspect,
    Script write,
    Script age) {

  static Scripts of(Duration maxLease) {
    return new Scripts(
        Script.granting(maxLease, "token", "claim-free", "queue", "ask", "claim"),
        Script.granting(maxLease, "release-free", "token", "queue", "free", "release"),
        Script.granting(maxLease, "token", "hand-over-free", "queue", "free", "ask", "hand-over"),
        Script.granting(maxLease, "token", "queue", "watch"),
        Script.plain("keep"),
        Script.plain("token", "inspect"),
        Script.plain("write"),
        Script.plain("age"));
  }

  /** Those that only a server of a certain age is told. */
  List<Script> granting() {
    return List.of(claim, release, handOver, watch);
  }
}
