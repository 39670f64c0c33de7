using System.Globalization;
using System.Net;

namespace GpuMem.Bench.Faults;

/// <summary>The sockets of a process, as Linux tells them (proc(5)).</summary>
internal static class Sockets
{
    private const int Listening = 0x0A;

    /// <summary>Whom it is connected to, as <c>address:port</c>, by TCP or UDP.</summary>
    /// <param name="processId">The process.</param>
    /// <param name="own">Ports on which it is called itself.</param>
    public static IEnumerable<string> Peers(int processId, IReadOnlyCollection<int> own)
    {
        var sockets = Descriptors(processId).ToHashSet();
        foreach (var (protocol, isSix) in new[] { ("tcp", false), ("tcp6", true), ("udp", false), ("udp6", true) })
            foreach (var line in File.ReadLines($"/proc/{processId}/net/{protocol}").Skip(1))
            {
                var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                var (local, remote) = (fields[1].Split(':'), fields[2].Split(':'));
                if (!sockets.Contains(fields[9]) || Hex(fields[3]) == Listening || own.Contains(Hex(local[1])) || Hex(remote[1]) == 0)
                    continue;
                var address = new IPAddress(Convert.FromHexString(remote[0]).Chunk(4).SelectMany(word => word.Reverse()).ToArray());
                yield return $"{(isSix && address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address)}:{Hex(remote[1])}";
            }
    }

    private static IEnumerable<string> Descriptors(int processId)
    {
        foreach (var descriptor in Directory.EnumerateFileSystemEntries($"/proc/{processId}/fd"))
        {
            var target = "";
            try
            {
                target = new FileInfo(descriptor).LinkTarget ?? "";
            }
            catch (IOException)
            {
                // It was closed meanwhile.
            }
            if (target.StartsWith("socket:[", StringComparison.Ordinal))
                yield return target[8..^1];
        }
    }

    private static int Hex(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
