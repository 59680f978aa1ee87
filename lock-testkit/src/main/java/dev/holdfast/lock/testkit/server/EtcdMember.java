package dev.holdfast.lock.testkit.server;

import dev.holdfast.lock.testkit.net.FreePorts;

/**
 * What one etcd is in its cluster.
 *
 * @param name its own
 * @param peerPort where it listens for the others
 * @param peerUrl where the others are told to find it; by way of a proxy, if that is wanted
 * @param metricsPort where it tells its metrics and its health, never encrypted
 * @param cluster all members, as {@code --initial-cluster} wants them
 */
record EtcdMember(String name, int peerPort, String peerUrl, int metricsPort, String cluster) {

  static EtcdMember alone() {
    int peerPort = FreePorts.next();
    String url = url(peerPort);
    return new EtcdMember("alone", peerPort, url, FreePorts.next(), "alone=" + url);
  }

  static String url(int port) {
    return "http://" + ServerHome.HOST + ":" + port;
  }

  int size() {
    return cluster.split(",", -1).length;
  }

  boolean isAlone() {
    return size() == 1;
  }
}
