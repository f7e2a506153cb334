/**
 * A program in Python that reads the second wall’s mark off packets that the kernel gives back to their
 * sender, in every way that is known, and sends the frame of its own making that the lines `making` put
 * into `f` with what it has read. It ends with 0 where there was nothing to read, and else with 5.
 */
export function markReader(making: string): string {
  return `import ctypes,socket,struct,sys
${making}
SOL_PACKET,FANOUT,STATISTICS,PROGRAM,SO_MARK,SO_RCVMARK=263,18,21,22,36,75
solicit=socket.socket(socket.AF_INET6,socket.SOCK_RAW,socket.IPPROTO_ICMPV6)
solicit.setsockopt(socket.IPPROTO_IPV6,socket.IPV6_MULTICAST_HOPS,255)
solicit.setsockopt(socket.IPPROTO_IPV6,socket.IPV6_MULTICAST_IF,socket.if_nametoindex("eth0"))
# A neighbour solicitation to all nodes, of which it is one itself.
def to_nodes(): solicit.sendto(bytes([135])+bytes(23),("ff02::1",0))
shout=socket.socket(socket.AF_INET,socket.SOCK_DGRAM)
shout.setsockopt(socket.SOL_SOCKET,socket.SO_BROADCAST,1)
hear=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); hear.bind(("",7070))
def to_all():
  try: shout.sendto(b"x",("255.255.255.255",7070))
  except OSError: pass

# What a socket is told of the mark of what it is given.
def told(send,s):
  s.setsockopt(socket.SOL_SOCKET,SO_RCVMARK,1); s.settimeout(1); send()
  try: _,controls,_,_=s.recvmsg(3000,400)
  except OSError: return 0
  return next((struct.unpack("I",d)[0] for level,kind,d in controls if (level,kind)==(socket.SOL_SOCKET,SO_MARK)),0)

# A filter shares packets out among packet sockets before any of them drops what comes back. The second
# has no room left, and the kernel counts what would have been its own.
def shared(send):
  pair=[socket.socket(socket.AF_PACKET,socket.SOCK_RAW,0) for _ in range(2)]
  for s in pair:
    s.setsockopt(socket.SOL_SOCKET,socket.SO_RCVBUF,1); s.bind(("eth0",3))
    s.setsockopt(SOL_PACKET,FANOUT,struct.pack("I",77|(6|0x1000)<<16))
  def load(*code):
    text=ctypes.create_string_buffer(b"".join(struct.pack("HBBI",*i) for i in code))
    pair[0].setsockopt(SOL_PACKET,PROGRAM,struct.pack("HL",len(code),ctypes.addressof(text)))
  def counted():
    rolled,_,failed=struct.unpack("3Q",pair[1].getsockopt(SOL_PACKET,STATISTICS,24)); return rolled+failed
  load((6,0,0,1))
  for _ in range(20): to_nodes()
  if counted()==0: sys.exit(6)
  mark=0
  for bit in range(32):
    load((0x20,0,0,0xfffff014),(0x74,0,0,bit),(0x54,0,0,1),(0x16,0,0,0))
    before=counted(); send()
    if counted()>before: mark|=1<<bit
  for s in pair: s.close()
  return mark

marks={told(to_nodes,solicit),told(to_all,hear),shared(to_nodes),shared(to_all)}-{0}
for mark in marks:
  s=socket.socket(socket.AF_PACKET,socket.SOCK_RAW); s.bind(("eth0",0))
  s.setsockopt(socket.SOL_SOCKET,SO_MARK,struct.pack("I",mark)); s.send(f)
sys.exit(5 if marks else 0)`;
}
