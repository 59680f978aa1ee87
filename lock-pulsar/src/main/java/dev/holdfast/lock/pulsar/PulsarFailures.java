package dev.holdfast.lock.pulsar;

import dev.holdfast.lock.spi.BackendFailure;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.apache.pulsar.client.api.PulsarClientException;
import org.apache.pulsar.client.api.PulsarClientException.AuthenticationException;
import org.apache.pulsar.client.api.PulsarClientException.AuthorizationException;
import org.apache.pulsar.client.api.PulsarClientException.GettingAuthenticationDataException;
import org.apache.pulsar.client.api.PulsarClientException.IncompatibleSchemaException;
import org.apache.pulsar.client.api.PulsarClientException.InvalidServiceURL;
import org.apache.pulsar.client.api.PulsarClientException.InvalidTopicNameException;
import org.apache.pulsar.client.api.PulsarClientException.NotAllowedException;
import org.apache.pulsar.client.api.PulsarClientException.NotFoundException;
import org.apache.pulsar.client.api.PulsarClientException.SubscriptionNotFoundException;
import org.apache.pulsar.client.api.PulsarClientException.TopicDoesNotExistException;
import org.apache.pulsar.client.api.PulsarClientException.TopicTerminatedException;
import org.apache.pulsar.client.api.PulsarClientException.UnsupportedAuthenticationException;

/** What the exceptions of pulsar-client mean. */
final class PulsarFailures {

  private PulsarFailures() {}

  /** A topic of several partitions keeps no order among them. */
  static BackendFailure partitioned(String topic, int partitions) {
    return BackendFailure.misconfigured(
        "the topic %s has %d partitions, and a lock needs one log: 'pulsar-admin topics"
                .formatted(topic, partitions)
            + " delete-partitioned-topic %s', then 'pulsar-admin topics create %s'"
                .formatted(topic, topic),
        null);
  }

  static BackendFailure translate(Throwable failure, String topic) {
    Throwable inner = unwrap(failure);
    if (inner instanceof BackendFailure known) {
      return known;
    }
    String message = String.valueOf(inner.getMessage());
    if (inner instanceof TopicDoesNotExistException || inner instanceof NotFoundException) {
      return BackendFailure.misconfigured(
          "topics may not be created by clients here; create this one, 'pulsar-admin topics create"
              + " %s', or let clients do so, 'pulsar-admin namespaces".formatted(topic)
              + " set-auto-topic-creation --enable --type non-partitioned %s': %s"
                  .formatted(namespace(topic), message),
          inner);
    }
    if (inner instanceof SubscriptionNotFoundException) {
      return BackendFailure.misconfigured(
          "subscriptions may not be created by clients here; create this one, 'pulsar-admin topics"
              + " create-subscription -s %s -m earliest %s': %s"
                  .formatted(Keeper.SUBSCRIPTION, topic, message),
          inner);
    }
    if (inner instanceof AuthorizationException) {
      return BackendFailure.misconfigured(
          "the role may not use %s; 'pulsar-admin namespaces grant-permission --role ROLE --actions"
                  .formatted(topic)
              + " produce,consume %s': %s".formatted(namespace(topic), message),
          inner);
    }
    if (inner instanceof AuthenticationException
        || inner instanceof GettingAuthenticationDataException
        || inner instanceof UnsupportedAuthenticationException) {
      return BackendFailure.misconfigured("Pulsar refuses the login: " + message, inner);
    }
    if (inner instanceof InvalidTopicNameException || inner instanceof InvalidServiceURL) {
      return BackendFailure.misconfigured("Pulsar refuses the address: " + message, inner);
    }
    if (inner instanceof TopicTerminatedException
        || inner instanceof IncompatibleSchemaException
        || inner instanceof NotAllowedException) {
      return BackendFailure.permanent("Pulsar refuses " + topic + ": " + message, inner);
    }
    return BackendFailure.transientFailure("Pulsar did not answer: " + message, inner);
  }

  /** Whether the producer or reader will not come back by itself. */
  static boolean isClosed(Throwable failure) {
    Throwable inner = unwrap(failure);
    return inner instanceof PulsarClientException.AlreadyClosedException
        || inner instanceof PulsarClientException.ProducerFencedException
        || inner instanceof TopicDoesNotExistException
        || inner instanceof NotFoundException
        || inner instanceof TopicTerminatedException;
  }

  private static String namespace(String topic) {
    int begin = topic.indexOf("//") + 2;
    int end = topic.lastIndexOf('/');
    return begin > 1 && end > begin ? topic.substring(begin, end) : topic;
  }

  static Throwable unwrap(Throwable failure) {
    Throwable inner = failure;
    while ((inner instanceof CompletionException || inner instanceof ExecutionException)
        && inner.getCause() != null) {
      inner = inner.getCause();
    }
    return inner;
  }
}
