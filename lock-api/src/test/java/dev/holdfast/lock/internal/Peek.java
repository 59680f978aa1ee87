package dev.holdfast.lock.internal;

import dev.holdfast.lock.ReentrantDistributedLock;
import java.lang.reflect.Field;
import java.util.Map;

/** Looks where no code of the engine needs to look. */
final class Peek {

  private Peek() {}

  /** The names that are held or asked for, by the local queues. */
  static Map<?, ?> names(Engine engine) {
    return (Map<?, ?>) field(engine.queues, "queues");
  }

  /** The groups of renewals. */
  static Map<?, ?> groups(Engine engine) {
    return (Map<?, ?>) field(engine.renewals, "groups");
  }

  /** What the reentrant adapter keeps of this thread; null if nothing. */
  static Object reentrantHolds() {
    return ((ThreadLocal<?>) field(ReentrantDistributedLock.class, null, "HOLDS")).get();
  }

  private static Object field(Object of, String name) {
    return field(of.getClass(), of, name);
  }

  private static Object field(Class<?> type, Object of, String name) {
    try {
      Field field = type.getDeclaredField(name);
      field.setAccessible(true);
      return field.get(of);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("the field has another name now", e);
    }
  }
}
