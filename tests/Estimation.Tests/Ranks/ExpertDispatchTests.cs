using GpuMem.Estimation.Buffers;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Ranks;

namespace GpuMem.Estimation.Tests.Ranks;

public sealed class ExpertDispatchTests
{
    private const long Tokens = 4096;

    private static readonly JobSpec Job = Example.Job(Example.Model("mistralai/Mixtral-8x7B-v0.1"), TrainingFramework.Nanotron, data: 8, sharding: Sharding.None, sequenceLength: Tokens);

    [Theory]
    [InlineData(ExpertDispatch.AllToAll, 2)]
    [InlineData(ExpertDispatch.AllGather, 8)]
    public void Tokens_are_sent_to_their_experts_or_gathered_from_all_ranks(ExpertDispatch dispatch, int copies) =>
        Assert.Equal(2 * 2 * copies * 4096 * Tokens, new CommunicationBuffers(new RankContext(With(dispatch), 0)).InLayer.Expected);

    [Fact]
    public void Gathering_opens_no_channel_to_every_peer() =>
        Assert.True(ProcessOverhead.Nccl(With(ExpertDispatch.AllGather).Parallelism).Expected < ProcessOverhead.Nccl(With(ExpertDispatch.AllToAll).Parallelism).Expected);

    private static JobSpec With(ExpertDispatch dispatch) => Job with { Parallelism = Job.Parallelism with { Expert = 8, ExpertDispatch = dispatch } };
}
