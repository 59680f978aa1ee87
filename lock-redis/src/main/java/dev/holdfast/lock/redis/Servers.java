package dev.holdfast.lock.redis;

import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The way to the store: one server, one behind Sentinels, or a cluster. */
interface Servers {

  /** What the backend is called in messages. */
  String backend();

  /** Where it is, for messages; never with a password. */
  String describe();

  /** Whether keys are spread over slots, so that a command may touch one slot only. */
  boolean isCluster();

  /** Opens a connection for commands. */
  CompletionStage<Link> connect();

  /** Opens a connection for messages. */
  CompletionStage<? extends StatefulRedisPubSubConnection<String, String>> connectPubSub();

  /** Ends what was opened for this client beside its connections; nothing that was lent. */
  CompletableFuture<Void> close(Duration limit);
}
