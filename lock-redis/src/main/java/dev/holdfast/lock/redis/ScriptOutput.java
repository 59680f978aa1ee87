package dev.holdfast.lock.redis;

import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.CommandOutput;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whatever a script answers: a {@code Long}, a {@code String}, or a list of these and of lists. Of
 * Lettuce's own outputs (7.7) each takes only one kind.
 */
final class ScriptOutput extends CommandOutput<String, String, @Nullable Object> {

  private final Deque<List<Object>> open = new ArrayDeque<>(2);

  ScriptOutput() {
    super(StringCodec.UTF8, null);
  }

  @Override
  public void set(long integer) {
    add(integer);
  }

  @Override
  public void set(@Nullable ByteBuffer bytes) {
    if (bytes != null) { // a script's nil: no answer at all
      add(decodeString(bytes));
    }
  }

  @Override
  public void multi(int count) {
    List<Object> list = new ArrayList<>(Math.max(0, count));
    add(list);
    open.push(list);
  }

  private void add(Object value) {
    List<Object> list = open.peek();
    if (list == null) {
      output = value;
    } else {
      list.add(value);
    }
  }

  /** Called with the number of lists that are open still. */
  @Override
  public void complete(int depth) {
    while (open.size() > depth) {
      open.pop();
    }
  }
}
