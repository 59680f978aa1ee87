package dev.holdfast.lock.etcd;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One member of three is cut off from the others, and the holders are its clients. */
class EtcdMinorityTest {

  @TempDir private Path folder;

  private void minority(boolean leads) throws Exception {
    if (!Islands.arePossible()) {
      System.out.println("[skipped] etcd L1 no network namespaces: needs root, ip and iptables");
      Assumptions.abort("no network namespaces: needs root, ip and iptables");
    }
    Duration lease = Duration.ofSeconds(4);
    try (Islands islands = new Islands(folder)) {
      int leader = islands.leader();
      int alone = leads ? leader : (leader + 1) % 3;
      List<String> others =
          IntStream.range(0, 3).filter(i -> i != alone).mapToObj(islands::client).toList();
      String what = (leads ? "leader" : "follower") + " in the minority";
      try (Trial trial =
              new Trial(
                  "etcd://" + islands.client(alone), "etcd://" + String.join(",", others), lease);
          JetcdTrial jetcd =
              new JetcdTrial(
                  List.of("http://" + islands.client(alone)),
                  others.stream().map(host -> "http://" + host).toList(),
                  lease)) {
        islands.isolate(alone);
        trial.awaitGrants(Duration.ofSeconds(20));
        trial.noticeBeforeGrant(what);
        Trial.pass(Duration.ofSeconds(3));
        jetcd.report(what);
        islands.heal(alone);
      }
    }
  }

  /** L1: the holders' server has lost its leader, and goes on answering what it can. */
  @Test
  void followerCutOff_itsClientsKnowBeforeTheNextGrant() throws Exception {
    minority(false);
  }

  /** L1: the holders' server is the old leader, for as long as it believes that. */
  @Test
  void leaderCutOff_itsClientsKnowBeforeTheNextGrant() throws Exception {
    minority(true);
  }
}
