package dev.holdfast.lock.testkit.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnprivilegedTest {

  @Test
  void wrap_everyWayThatWorksHere_runsAsSomebodyElseAndKeepsTheWords() throws Exception {
    assumeTrue(Unprivileged.isRoot(), "only root needs to become somebody else");
    List<Unprivileged> ways = Unprivileged.ways().stream().filter(Unprivileged::works).toList();
    assertThat(ways).isNotEmpty();
    for (Unprivileged way : ways) {
      String out =
          Commands.run(Path.of("/"), way.wrap(List.of("sh", "-c", "id -u; echo $0", "a b")));
      assertThat(out.lines().toList()).as(way.toString()).hasSize(2).last().isEqualTo("a b");
      assertThat(out.lines().findFirst())
          .as(way.toString())
          .isNotEqualTo(java.util.Optional.of("0"));
    }
  }
}
