package dev.holdfast.lock.testkit.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FreePortsTest {

  /** Or two members of an ensemble could be given the same, for neither has bound it yet. */
  @Test
  void next_ofPortsThatNobodyBinds_isAnotherOneEachTime() {
    Set<Integer> ports = new HashSet<>();
    for (int i = 0; i < 300; i++) {
      ports.add(FreePorts.next());
    }
    assertThat(ports).hasSize(300).allMatch(port -> port >= 12_000 && port < 65_536);
  }

  @Test
  void next_moreOftenThanThereArePorts_stillFindsOne() {
    for (int i = 0; i < 3_000; i++) {
      assertThat(FreePorts.next()).isPositive();
    }
  }
}
