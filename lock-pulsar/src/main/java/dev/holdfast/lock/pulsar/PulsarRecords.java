package dev.holdfast.lock.pulsar;

import static java.util.concurrent.CompletableFuture.completedFuture;

import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.LockRecords;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** The note and the switch of each lock, which are records of its log like all else. */
final class PulsarRecords implements LockRecords {

  private final Topics topics;

  PulsarRecords(Topics topics) {
    this.topics = topics;
  }

  @Override
  public CompletionStage<Optional<String>> read(String name) {
    return topics
        .visit(name)
        .look(state -> Optional.of(state.note()).filter(note -> !note.isEmpty()));
  }

  @Override
  public CompletionStage<Boolean> write(Claim held, String record) {
    boolean known = held.attachment() instanceof Place place && place.topic != null;
    if (!known) {
      return completedFuture(false);
    }
    Place place = Place.of(held);
    return topics.enter(place).note(place, record);
  }

  @Override
  public CompletionStage<Void> setEnabled(String name, boolean enabled) {
    return topics.visit(name).enable(enabled);
  }
}
