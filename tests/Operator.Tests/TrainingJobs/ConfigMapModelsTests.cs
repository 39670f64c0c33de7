using GpuMem.Operator.Tests.Support;

namespace GpuMem.Operator.Tests.TrainingJobs;

public sealed class ConfigMapModelsTests
{
    [Fact]
    public async Task What_was_read_is_forgotten_with_the_last_job_that_names_it()
    {
        await using var cluster = await LiveCluster.StartAsync();
        var first = await CreateAsync("first");
        await CreateAsync("second");
        await UntilAsync(() => cluster.View.Jobs.Store.Count == 2);
        await cluster.View.ConfigMapModels.RefreshAsync(first, CancellationToken.None);
        Assert.Contains("there is no ConfigMap", Problem());

        await cluster.Api.DeleteAsync<TrainingJob>("first", Example.Namespace, CancellationToken.None);
        await UntilAsync(() => cluster.View.Jobs.Store.Count == 1);
        Assert.Contains("there is no ConfigMap", Problem());

        await cluster.Api.DeleteAsync<TrainingJob>("second", Example.Namespace, CancellationToken.None);
        await UntilAsync(() => Problem().Contains("has not been read", StringComparison.Ordinal));

        Task<TrainingJob> CreateAsync(string name) => cluster.Api.CreateAsync(
            Example.Job(name, """{"model": {"configMapKeyRef": {"name": "m", "key": "config.json"}}, "training": {"sequenceLength": 128}}"""), CancellationToken.None);

        string Problem()
        {
            cluster.View.ConfigMaps.TryGet(Example.Namespace, first.Spec.Model!.ConfigMapKeyRef!, out _, out var problem);
            return problem!;
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!condition())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
