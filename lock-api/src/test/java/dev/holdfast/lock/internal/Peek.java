package dev.holdfast.lock.internal;

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

  private static Object field(Object of, String name) {
    try {
      Field field = of.getClass().getDeclaredField(name);
      field.setAccessible(true);
      return field.get(of);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("the field has another name now", e);
    }
  }
}
