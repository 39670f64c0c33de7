#!/usr/bin/env bash
# DeserializeAsyncEnumerable holds a large value back until more arrives.
#
# Guess:     with topLevelValues a value is handed over once its last byte and its newline are there: made for streams of events.
# Package:   System.Text.Json of .NET 10 (in the framework; seen with SDK 10.0.401)
# Behaviour: a value of 40 KB that came in reads of 4 KB waits for the next bytes or the end of the stream. A watch shows a large object
#            when the next event happens: on a quiet cluster, minutes later.
# Seen:
# | 4 KB: delivered at once
# | 40 KB: delivered when the stream ended
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/finding.csproj" <<'END'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <ImplicitUsings>enable</ImplicitUsings>
  </PropertyGroup>
</Project>
END

cat >"$work/Program.cs" <<'END'
using System.Text;
using System.Text.Json;

foreach (var size in new[] { 4, 40 })
{
    var network = new Network(Encoding.UTF8.GetBytes($"\"{new string('x', size * 1000)}\"\n"));
    await using var values = JsonSerializer.DeserializeAsyncEnumerable<string>(network, topLevelValues: true).GetAsyncEnumerator();
    var first = values.MoveNextAsync().AsTask();
    await Task.WhenAny(first, network.Quiet.Task.ContinueWith(_ => Task.Delay(TimeSpan.FromSeconds(2))).Unwrap());
    Console.WriteLine($"{size} KB: {(first.IsCompleted ? "delivered at once" : "delivered when the stream ended")}");
    network.End.SetResult();
    await first;
}

/// <summary>Gives what it has in reads of 4 KB, then waits for its end like a connection on which nothing happens.</summary>
internal sealed class Network(byte[] sent) : Stream
{
    private int _read;

    public TaskCompletionSource Quiet { get; } = new();

    public TaskCompletionSource End { get; } = new();

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => _read; set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_read == sent.Length)
        {
            Quiet.TrySetResult();
            await End.Task;
            return 0;
        }

        var count = Math.Min(Math.Min(4096, buffer.Length), sent.Length - _read);
        sent.AsMemory(_read, count).CopyTo(buffer);
        _read += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
END

NUGET_PACKAGES="$work/packages" dotnet build "$work" --output "$work/out" --nologo --verbosity quiet --disable-build-servers >"$work/log" || { cat "$work/log"; exit 2; }
dotnet "$work/out/finding.dll" | tee "$work/seen"
diff <(sed -n 's/^# | //p' "$0") "$work/seen" || { echo "No longer as stated above."; exit 1; }
