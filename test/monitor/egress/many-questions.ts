/**
 * For Python: asks for so many names that nobody has, one after the other, and ends with 3 at the first
 * that is not answered within two seconds. `port` is the resolver's own; without one the container's name
 * server is asked, as any program would.
 */
export function manyQuestions(count: number, port?: number): string {
  return `import socket,struct,sys
server=[line.split()[1] for line in open("/etc/resolv.conf") if line.startswith("nameserver")][0]
s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); s.settimeout(2)
s.connect(${port === undefined ? '(server,53)' : `("127.0.0.1",${port})`})
for i in range(${count}):
  head=struct.pack(">HHHHHH",i,256,1,0,0,0)
  try:
    s.send(head+b"\\x06n%05d\\x04test\\x00\\x00\\x01\\x00\\x01"%i)
    if s.recv(512)[:2]!=head[:2]: sys.exit(4)
  except OSError: sys.exit(3)`;
}
