using GpuMem.Kubernetes.Informers;

namespace GpuMem.Kubernetes.Tests.Informers;

public sealed class BackoffTests
{
    [Fact]
    public void R9_A_server_that_has_just_started_is_asked_as_often_as_it_says_and_one_that_goes_on_refusing_more_and_more_seldom()
    {
        Backoff backoff = new(TimeProvider.System, () => 0);
        double[] waits = [.. Enumerable.Range(0, 13).Select(_ => backoff.WhenAsked(TimeSpan.FromSeconds(1)).TotalSeconds)];
        Assert.Equal([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0.8, 1.6, 3.2], waits);
    }

    [Fact]
    public void R9_Clients_that_were_told_the_same_do_not_come_back_together()
    {
        Backoff backoff = new(TimeProvider.System, () => 0.5);
        Assert.Equal(TimeSpan.FromSeconds(1.2), backoff.WhenAsked(TimeSpan.FromSeconds(1)));
    }
}
