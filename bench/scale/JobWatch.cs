using System.Buffers;
using System.Buffers.Text;
using System.IO.Pipelines;
using System.Text;
using GpuMem.Bench.Common;

namespace GpuMem.Bench.Scale;

/// <summary>Follows TrainingJobs until each has been told its phase. It looks for bytes instead of reading JSON: the machine is the operator's.</summary>
internal sealed class JobWatch(RawApi api)
{
    public const string Jobs = "/apis/gpumem.io/v1alpha1/namespaces/default/trainingjobs";

    private readonly Dictionary<int, string> _phases = [];

    private string _version = "";

    public int Done => _phases.Count;

    public int StatusWrites { get; private set; }

    public IReadOnlyDictionary<string, int> Phases => _phases.Values.CountBy(phase => phase).ToDictionary();

    /// <summary>Until <paramref name="count"/> jobs beginning with <paramref name="first"/> have a phase, and it is not Pending.</summary>
    public async Task UntilDoneAsync(string resourceVersion, int first, int count, CancellationToken cancellationToken)
    {
        _version = resourceVersion;
        // Under load the API server ends the watch of whoever does not keep up; it then goes on from what was seen last.
        while (_phases.Count < count)
            await FollowAsync(first, count, cancellationToken);
    }

    private async Task FollowAsync(int first, int count, CancellationToken cancellationToken)
    {
        await using var stream = await api.StreamAsync($"{Jobs}?watch=1&resourceVersion={_version}", cancellationToken);
        var reader = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 1 << 16));
        for (var ended = false; !ended && _phases.Count < count;)
        {
            var read = await reader.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            while (buffer.PositionOf((byte)'\n') is { } end)
            {
                Take(buffer.Slice(0, end).ToArray(), first, count);
                buffer = buffer.Slice(buffer.GetPosition(1, end));
            }
            reader.AdvanceTo(buffer.Start, buffer.End);
            ended = read.IsCompleted;
        }
    }

    private void Take(ReadOnlySpan<byte> line, int first, int count)
    {
        if (line.StartsWith("{\"type\":\"ERROR\""u8))
            throw new InvalidOperationException($"the API server cannot go on with the watch: {Encoding.UTF8.GetString(line)}");
        if (After(line, "\"resourceVersion\":\""u8) is { IsEmpty: false } version)
            _version = Encoding.UTF8.GetString(version[..version.IndexOf((byte)'"')]);
        if (line.StartsWith("{\"type\":\"MODIFIED\""u8))
            StatusWrites++;
        var name = After(line, Encoding.UTF8.GetBytes($"\"name\":\"{Bodies.JobPrefix}"));
        var phase = After(line, "\"phase\":\""u8);
        if (!phase.IsEmpty && !phase.StartsWith("Pending"u8) && Utf8Parser.TryParse(name, out int number, out _) && number >= first && number < first + count)
            _phases[number] = Encoding.UTF8.GetString(phase[..phase.IndexOf((byte)'"')]);
    }

    private static ReadOnlySpan<byte> After(ReadOnlySpan<byte> line, ReadOnlySpan<byte> text) =>
        line.IndexOf(text) is >= 0 and var at ? line[(at + text.Length)..] : default;
}
