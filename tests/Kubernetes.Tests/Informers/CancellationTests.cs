using GpuMem.Kubernetes.Informers;

namespace GpuMem.Kubernetes.Tests.Informers;

public sealed class CancellationTests
{
    // Fails a test that hangs; how long it takes is not asserted.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("listing")]
    [InlineData("streaming")]
    [InlineData("watching")]
    [InlineData("backing off")]
    [InlineData("in a handler")]
    public async Task R22_Cancelling_ends_it_whatever_it_is_doing(string doing)
    {
        ManualTime time = new();
        await using FakeApiServer api = await FakeApiServer.StartAsync();
        using KubernetesClient client = api.Client(time);
        using CancellationTokenSource stop = new();
        using ManualResetEventSlim never = new();
        TaskCompletionSource inHandler = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Informer<V1Pod> informer = new(
            client, new InformerOptions<V1Pod> { StreamingList = doing == "streaming" }, NullLogger<Informer<V1Pod>>.Instance, time, () => 0);
        using Subscription<V1Pod> subscription = informer.Subscribe(_ =>
        {
            inHandler.SetResult();
            never.Wait();
        });
        Task running = informer.RunAsync(stop.Token);

        FakeCall first = await api.NextAsync();
        if (doing == "backing off")
        {
            await first.FailAsync(403, "Forbidden");
            await time.TimerAsync(due => due == TimeSpan.FromSeconds(0.8));
        }
        else if (doing is "watching" or "in a handler")
        {
            await first.ReplyListAsync("1", null, doing == "watching" ? [] : [Json.Pod("a", "1")]);
            await (await api.NextAsync()).StartAsync();
            if (doing == "in a handler")
                await inHandler.Task;
        }

        await stop.CancelAsync();
        await running.WaitAsync(Patience);
        never.Set();
    }
}
