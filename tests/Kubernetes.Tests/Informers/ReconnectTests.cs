using System.Diagnostics;
using GpuMem.Kubernetes.Informers;

namespace GpuMem.Kubernetes.Tests.Informers;

[Collection("alone")]
public sealed class ReconnectTests
{
    private const int Settled = 100;
    private const int Reconnects = 1_000;

    [Fact]
    public async Task R20_A_thousand_reconnects_leave_memory_handles_and_timers_where_they_were()
    {
        ManualTime time = new();
        await using FakeApiServer api = await FakeApiServer.StartAsync();
        using KubernetesClient client = api.Client(time);
        using CancellationTokenSource stop = new();
        Informer<V1Pod> informer = new(client, new InformerOptions<V1Pod> { StreamingList = false }, NullLogger<Informer<V1Pod>>.Instance, time, () => 0);
        Task running = informer.RunAsync(stop.Token);
        await (await api.NextAsync()).ReplyListAsync("1", null, Json.Pod("a", "1"));

        (long Memory, int Handles, long Timers) before = default;
        for (int reconnect = 0; reconnect < Settled + Reconnects; reconnect++)
        {
            FakeCall watch = await api.NextAsync();
            await watch.SendEventAsync("MODIFIED", Json.Pod("a", $"{reconnect + 2}"));
            watch.End();
            if (reconnect == Settled)
                before = Resources();
        }

        (long Memory, int Handles, long Timers) after = Resources();
        await stop.CancelAsync();
        await running;
        Assert.InRange(after.Handles, 0, before.Handles + 10);
        Assert.InRange(after.Timers, 0, before.Timers + 10);
        // What a leak of a few hundred bytes per reconnect would come to.
        Assert.InRange(after.Memory, 0, before.Memory + (Reconnects * 512));
    }

    private static (long Memory, int Handles, long Timers) Resources()
    {
        using Process self = Process.GetCurrentProcess();
        return (GC.GetTotalMemory(forceFullCollection: true), self.HandleCount, Timer.ActiveCount);
    }
}

/// <summary>What is measured for the whole process is measured while nothing else runs.</summary>
[CollectionDefinition("alone", DisableParallelization = true)]
public sealed class AloneCollection;
